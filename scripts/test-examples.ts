/**
 * Packs Longshore, installs the package into an empty folder beside what the examples need, and runs what
 * `test/packed/` says of the package and of the apps in it. Needs the registry, so it is no part of `npm test`.
 *
 * With `--after-tests`, as in the gate, all of `npm test` comes first, and the folder is made ready meanwhile.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { join } from "node:path";
import { type ExamplesFolder, prepareExamples } from "./examples-folder.ts";

const AFTER_TESTS = "--after-tests";

const root = join(import.meta.dirname, "..");
const options = process.argv.slice(2).filter((option) => option !== AFTER_TESTS);

const preparing = prepareExamples();
// What goes wrong with it is told when the tests are over.
preparing.catch(() => {});
const testsAreGood = !process.argv.includes(AFTER_TESTS) || (await runTests());
const folder = await preparing;
try {
  process.exitCode = testExamples(folder) && testsAreGood ? 0 : 1;
} finally {
  folder.remove();
}

async function runTests(): Promise<boolean> {
  const tests = spawn(process.execPath, [join(import.meta.dirname, "test.ts"), ...options], {
    cwd: root,
    stdio: "inherit",
  });
  const [code] = await once(tests, "exit");
  return code === 0;
}

function testExamples({ tarball, apps }: ExamplesFolder): boolean {
  const files = globSync("test/packed/*.ts", { cwd: root });
  const { status } = spawnSync(process.execPath, ["--test", ...options, ...files], {
    cwd: root,
    env: { ...process.env, LONGSHORE_TARBALL: tarball, LONGSHORE_APPS: apps },
    stdio: "inherit",
  });
  return status === 0;
}
