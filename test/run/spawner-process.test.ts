import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { FromSpawner, ToSpawner } from "../../src/run/spawner.ts";
import { isRunning } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const PROCESS = fileURLToPath(new URL("../../src/run/spawner-process.ts", import.meta.url));

describe("a spawner process whose channel closes", () => {
  it("kills every script with its children and removes its folder, with nobody's help", async (t) => {
    const spawner = fork(PROCESS, [], { env: {}, serialization: "advanced" });
    t.after(() => spawner.kill("SIGKILL"));
    let printed = "";
    spawner.on("message", (message: FromSpawner) => {
      if (message.kind === "output") printed += Buffer.from(message.bytes);
    });
    const folders = [1, 2, 3].map((run) => {
      const folder = join(temporaryFolder(t), "run");
      mkdirSync(folder);
      const args = ["-c", "sh -c 'sleep 300 & echo $PPID $!; wait' & wait"];
      const env = { PATH: process.env.PATH ?? "" };
      spawner.send({
        kind: "start",
        id: run,
        file: "sh",
        args,
        cwd: folder,
        env,
        folder,
      } satisfies ToSpawner);
      return folder;
    });
    const numbers = () => printed.trim().split(/\s+/).map(Number);
    await until("all of them run", () => numbers().length === 6);
    assert.equal(numbers().every(isRunning), true);

    spawner.disconnect();

    assert.deepEqual(await once(spawner, "exit"), [0, null]);
    await until("all of them are dead", () => !numbers().some(isRunning));
    assert.equal(folders.some(existsSync), false);
  });

  it("is not impressed by a terminal's Ctrl-C before that: when to stop is the worker's to say", async (t) => {
    const spawner = fork(PROCESS, [], { env: {}, serialization: "advanced" });
    t.after(() => spawner.kill("SIGKILL"));
    const messages: FromSpawner[] = [];
    spawner.on("message", (message: FromSpawner) => messages.push(message));
    const has = (kind: FromSpawner["kind"]) => messages.some((message) => message.kind === kind);
    const folder = temporaryFolder(t);
    const args = ["-c", "echo started; sleep 0.3; exit 7"];
    const env = { PATH: process.env.PATH ?? "" };
    spawner.send({ kind: "start", id: 1, file: "sh", args, cwd: folder, env, folder } satisfies ToSpawner);
    await until("the script has started", () => has("output"));

    for (const signal of ["SIGINT", "SIGTERM"] as const) spawner.kill(signal);

    await until("the script or the spawner has ended", () => has("ended") || spawner.signalCode !== null);
    assert.deepEqual(messages.at(-1), { kind: "ended", id: 1, exitCode: 7, signal: null });
    spawner.disconnect();
    await once(spawner, "exit");
  });
});
