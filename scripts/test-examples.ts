/**
 * Packs Longshore, installs the package into an empty folder beside what the examples need, and runs what
 * `test/packed/` says of the package and of the apps in it. Needs the registry, so it is no part of `npm test`.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "longshore-examples-"));
try {
  run("npm", ["pack", "--pack-destination", folder], root);
  const [tarball = ""] = globSync("*.tgz", { cwd: folder }).map((name) => join(folder, name));
  const apps = join(folder, "apps");
  cpSync(join(root, "examples"), apps, { recursive: true });
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball], apps);
  const files = globSync("test/packed/*.ts", { cwd: root });
  const options = ["--test", "--test-concurrency=1", ...process.argv.slice(2)];
  run(process.execPath, [...options, ...files], root, { LONGSHORE_TARBALL: tarball, LONGSHORE_APPS: apps });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command: string, args: string[], cwd: string, variables: NodeJS.ProcessEnv = {}): void {
  const env = { ...process.env, ...variables };
  const { status } = spawnSync(command, args, { cwd, env, stdio: "inherit" });
  if (status === 0) return;
  rmSync(folder, { recursive: true, force: true });
  process.exit(1);
}
