/**
 * Builds the web app into `dashboard/dist/`, each file once more in compressed form. Called by npm after `npm ci` in a
 * clone, and by tests and whoever packs; does nothing when what is there was built from what is there.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = join(import.meta.dirname, "..");
const folder = join(root, "dashboard");
const dist = join(folder, "dist");
const mark = join(dist, ".built-from");
/** Smaller files gain nothing. */
const COMPRESSED_FROM_BYTES = 1_024;

/** Whether the build had to be made. */
export async function buildDashboard(): Promise<boolean> {
  const sources = digestOfSources();
  if (existsSync(mark) && readFileSync(mark, "utf8") === sources) return false;
  const { build } = await import("vite");
  await build({ configFile: join(folder, "vite.config.ts"), logLevel: "warn" });
  for (const file of globSync("**/*.{js,css,html,svg}", { cwd: dist })) compress(join(dist, file));
  writeFileSync(mark, sources);
  return true;
}

function digestOfSources(): string {
  const files = globSync("**/*", {
    cwd: folder,
    withFileTypes: true,
    exclude: (entry) => entry.name === "dist",
  });
  const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hash = createHash("sha256");
  for (const path of [...paths.toSorted(), join(root, "package-lock.json")])
    hash.update(path.slice(root.length)).update("\0").update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

function compress(file: string): void {
  const bytes = readFileSync(file);
  if (bytes.length < COMPRESSED_FROM_BYTES) return;
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  // The best but one: the best takes six times as long for a hundredth less.
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
}

function hasVite(): boolean {
  try {
    return Boolean(fileURLToPath(import.meta.resolve("vite")));
  } catch {
    return false;
  }
}

if (import.meta.main) {
  // Who has installed only what the server needs has nothing to build with.
  if (hasVite()) await buildDashboard();
  else console.warn("The dashboard is not built: its tools are not installed (`npm ci` without --omit=dev).");
}
