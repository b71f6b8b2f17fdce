/**
 * Preloaded by the tests (`--import`), in their processes and all that these start: a few large libraries are read as a
 * few files instead of hundreds. Loading Kysely takes 0.03 seconds of work instead of 0.2, and the tests start some two
 * thousand processes and threads. Without it everything works the same.
 *
 * `node scripts/quick-modules.ts` makes the files, where they are missing.
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** By every path by which the sources import them: what one path leaves out would be there twice. */
const LIBRARIES = [
  "@actions/expressions",
  "@actions/expressions/ast",
  "@actions/expressions/result",
  "@hono/node-server",
  "@hono/zod-openapi",
  "@opentelemetry/api",
  "commander",
  "hono",
  "hono/cookie",
  "hono/http-exception",
  "hono/secure-headers",
  "hono/streaming",
  "hono/utils/url",
  "kysely",
  "prom-client",
  "yaml",
  "zod",
];

const root = join(import.meta.dirname, "..");
const folder = join(root, "node_modules/.cache/longshore-test/libraries", versions());

if (import.meta.main) await make();
else redirect();

function redirect(): void {
  if (!existsSync(folder)) return;
  const urls = new Map(
    LIBRARIES.map((name) => [name, pathToFileURL(join(folder, `${fileOf(name)}.js`)).href]),
  );
  registerHooks({
    resolve(specifier, context, next) {
      const url = urls.get(specifier);
      return url ? { url, format: "module", shortCircuit: true } : next(specifier, context);
    },
  });
}

/** In one go, so that what several of them use is there once. */
async function make(): Promise<void> {
  if (existsSync(folder)) return;
  const { build } = await import("esbuild");
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const texts = new Map(
    await Promise.all(LIBRARIES.map(async (name) => [fileOf(name), await exportsOf(name)] as const)),
  );
  await build({
    entryPoints: [...texts.keys()].map((name) => ({ in: `library:${name}`, out: name })),
    outdir: draft,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    // A library of Node's old kind has only this.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    plugins: [
      {
        name: "libraries",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^library:/ }, ({ path }) => ({
            path: path.slice("library:".length),
            namespace: "library",
          }));
          onLoad({ filter: /^/, namespace: "library" }, ({ path }) => ({
            contents: texts.get(path),
            resolveDir: root,
          }));
        },
      },
    ],
    logLevel: "error",
  });
  try {
    renameSync(draft, folder);
  } catch {
    // Somebody else has made them meanwhile.
    rmSync(draft, { recursive: true, force: true });
  }
}

/** By their names, which a library of Node's old kind has only when it runs. */
async function exportsOf(name: string): Promise<string> {
  const names = Object.keys(await import(name)).filter((one) => /^[\w$]+$/.test(one) && one !== "__esModule");
  return `export { ${names.join(", ")} } from "${name}";`;
}

function fileOf(name: string): string {
  return name.replaceAll("/", "-");
}

/** Changes with every installation by npm, and with this file. */
function versions(): string {
  const files = [join(root, "node_modules/.package-lock.json"), import.meta.filename];
  return files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0).join("-");
}
