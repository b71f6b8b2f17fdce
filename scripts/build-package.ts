/**
 * Builds what is published, the program into `dist/` and the dashboard into `dashboard/dist/`: Node does not strip types below `node_modules`. Called by npm when it packs.
 * A clone never needs it.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildDashboard } from "./build-dashboard.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
/** What users import; only what their declarations lead to is of use to them. */
const ENTRIES = ["index.d.ts", "testing.d.ts"];

rmSync(dist, { recursive: true, force: true });
await buildDashboard();
compile();
for (const file of globSync("**/*.bin", { cwd: join(root, "src") }))
  copyFileSync(join(root, "src", file), join(dist, file));
for (const file of globSync("**/*.js", { cwd: dist })) pointToJavaScript(join(dist, file));
removeUnreachableDeclarations();

function compile(): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
}

/** The compiler rewrites what is imported, but not what is started as a thread or a process by its URL. */
function pointToJavaScript(file: string): void {
  const text = readFileSync(file, "utf8");
  const rewritten = text.replaceAll(/(new URL\("\.[^"]*)\.ts"/g, '$1.js"');
  if (rewritten !== text) writeFileSync(file, rewritten);
}

function removeUnreachableDeclarations(): void {
  const reachable = new Set<string>();
  const waiting = ENTRIES.map((entry) => join(dist, entry));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reachable.has(file) || !existsSync(file)) continue;
    reachable.add(file);
    const imported = readFileSync(file, "utf8").matchAll(/(?:from |import\(|import )"(\.[^"]+)\.ts"/g);
    for (const [, path = ""] of imported) waiting.push(join(dirname(file), `${path}.d.ts`));
  }
  for (const file of globSync("**/*.d.ts", { cwd: dist }))
    if (!reachable.has(join(dist, file))) rmSync(join(dist, file));
}
