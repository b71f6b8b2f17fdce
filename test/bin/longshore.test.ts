import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { workersWithRuns } from "../../src/store/run-queue.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { isRunning } from "../support/processes.ts";
import { workplace } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const BIN = fileURLToPath(new URL("../../bin/longshore.js", import.meta.url));
const HOOK = "on: push\nrun: echo $$; sleep 300";

/** This Node, made to say that it is another version, and to tell when it starts a process. */
function pretending(version: string, bin = BIN): string[] {
  const before = `
    import childProcess from "node:child_process";
    import { syncBuiltinESMExports } from "node:module";
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });
    const { spawn } = childProcess;
    childProcess.spawn = (...args) => {
      console.error("handed over");
      return spawn(...args);
    };
    syncBuiltinESMExports();`;
  return [process.execPath, "--import", `data:text/javascript,${encodeURIComponent(before)}`, bin];
}

const OLD = pretending("20.11.1");

/** A Node on this machine that really is too old, if there is one. */
function findOldNode(): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .find((node) => {
      try {
        return (
          Number.parseInt(execFileSync(node, ["-p", "process.versions.node"], { encoding: "utf8" }), 10) < 24
        );
      } catch {
        return false;
      }
    });
}

/** A server behind the entry point, in the middle of a run: the numbers of its process and of the script's. */
async function serving(t: TestContext) {
  const place = workplace(t, { command: OLD, files: { "hooks/deploy.yml": HOOK } });
  place.environment.LONGSHORE_STOP_GRACE = "100ms";
  const wrapper = await place.serve();
  const look = await lookInto(t, place);
  const [run] = runsOf(await wrapper.send());
  const script = await until("the script runs", async () => Number(await look.output(run)) || undefined);
  const [worker = ""] = await workersWithRuns(look.store.db);
  const server = Number(worker.split("/")[1]);
  assert.equal([server, script].every(isRunning), true);
  assert.notEqual(server, wrapper.process.pid);
  return { wrapper, look, run, server, script };
}

describe("the entry point", { concurrency: 2 }, () => {
  it("goes on with the Node that starts it from 24.6 on, and below hands over to the pinned one", async (t) => {
    const says = async (version: string) => {
      const { code, stdout, stderr } = await workplace(t, { command: pretending(version) }).cli("--version");
      assert.deepEqual([code, stdout], [0, `${packageJson.version}\n`]);
      return stderr;
    };
    const versions = ["18.20.0", "24.5.9", "24.6.0", "25.0.0", "26.10.0"];
    assert.deepEqual(await Promise.all(versions.map(says)), ["handed over\n", "handed over\n", "", "", ""]);
  });

  const old = findOldNode();
  if (old !== undefined)
    it("hands over from a Node that really is too old", async (t) => {
      const { code, stdout } = await workplace(t, { command: [old, BIN] }).cli("--version");
      assert.deepEqual([code, stdout], [0, `${packageJson.version}\n`]);
    });

  it("passes on the arguments, what is printed, and the exit code", async (t) => {
    const place = workplace(t, { command: OLD, files: { "hooks/broken.yml": "on: push" } });
    const [good, failed, wrong] = await Promise.all([
      place.cli("hooks", "list", "--json"),
      place.cli("check"),
      place.cli("delivries"),
    ]);
    assert.deepEqual([good.code, failed.code, wrong.code], [0, 2, 2]);
    assert.deepEqual(JSON.parse(good.stdout).items, []);
    assert.match(wrong.stderr, /Did you mean deliveries/);
  });

  it("passes SIGTERM on, so that the server stops as it should", async (t) => {
    const { wrapper, look, run, server, script } = await serving(t);
    assert.deepEqual(await wrapper.end("SIGTERM"), { code: 0, signal: null });
    assert.equal([server, script].some(isRunning), false);
    assert.match(String((await look.reached(run, "queued")).reason), /^handed back/);
  });

  it("takes the server with it when it is killed", async (t) => {
    const { wrapper, look, run, server, script } = await serving(t);
    wrapper.process.kill("SIGKILL");
    await until("server and script are gone", () => ![server, script].some(isRunning));
    assert.match(String((await look.reached(run, "queued")).reason), /^handed back/);
  });

  it("ends by the signal that has ended the server", async (t) => {
    const { wrapper, server, script } = await serving(t);
    process.kill(server, "SIGKILL");
    assert.deepEqual(await wrapper.ended, { code: null, signal: "SIGKILL" });
    await until("the script is dead", () => !isRunning(script));
  });

  it("says what is needed where no pinned Node is installed", async (t) => {
    const bin = join(temporaryFolder(t), "longshore.mjs");
    copyFileSync(BIN, bin);
    const place = workplace(t, { command: pretending("20.11.1", bin) });
    const { code, stdout, stderr } = await place.cli("serve");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(
      stderr,
      /^Longshore needs Node 24\.6 or newer; this is 20\.11\.1\. In a clone `npm ci` installs/,
    );
  });
});
