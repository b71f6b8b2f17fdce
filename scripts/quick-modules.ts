/**
 * Preloaded by the tests (`--import`), in their processes and all that these start: a few large libraries are read as one
 * file each instead of hundreds. Loading Kysely takes 0.03 seconds of work instead of 0.2, and the tests start some two
 * thousand processes and threads. Without it everything works the same.
 *
 * `node scripts/quick-modules.ts` makes the files, where they are missing.
 */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const LIBRARIES = ["kysely", "zod", "yaml"];

const root = join(import.meta.dirname, "..");
const folder = join(root, "node_modules/.cache/longshore-test/libraries");
const fileOf = new Map(
  LIBRARIES.map((name) => [name, join(folder, `${name.replace("/", "-")}-${versionOf(name)}.js`)]),
);

if (import.meta.main) await make();
else redirect();

function redirect(): void {
  const urls = new Map(
    [...fileOf].flatMap(([name, file]) =>
      existsSync(file) ? [[name, pathToFileURL(file).href] as const] : [],
    ),
  );
  registerHooks({
    resolve(specifier, context, next) {
      const url = urls.get(specifier);
      return url ? { url, format: "module", shortCircuit: true } : next(specifier, context);
    },
  });
}

async function make(): Promise<void> {
  const { build } = await import("esbuild");
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of fileOf) {
    if (existsSync(file)) continue;
    const draft = `${file}.${process.pid}`;
    await build({
      stdin: { contents: await exportsOf(name), resolveDir: root },
      outfile: draft,
      bundle: true,
      platform: "node",
      format: "esm",
      // A library of Node's old kind has only this.
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
      logLevel: "error",
    });
    renameSync(draft, file);
  }
}

/** By their names, which a library of Node's old kind has only when it runs. */
async function exportsOf(name: string): Promise<string> {
  const names = Object.keys(await import(name)).filter((one) => /^[\w$]+$/.test(one));
  return `export { ${names.join(", ")} } from "${name}";`;
}

function versionOf(name: string): string {
  return createRequire(import.meta.url)(join(root, "node_modules", name, "package.json")).version;
}
