import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type Exit, Spawner, SpawnerGone } from "../../src/run/spawner.ts";
import { isRunning } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

interface Started {
  exit: Promise<Exit>;
  folder: string;
  /** What it has printed so far. */
  stdout(): string;
  /** The numbers in its first line, once that is there. */
  numbers(): Promise<number[]>;
}

function start(t: TestContext, spawner: Spawner, run: number, script: string): Started {
  const folder = join(temporaryFolder(t), "run");
  mkdirSync(folder);
  const env = { PATH: process.env.PATH ?? "" };
  let stdout = "";
  const exit = spawner.run(
    { id: run, file: "sh", args: ["-c", script], cwd: folder, env, folder },
    (stream, bytes) => {
      if (stream === "stdout") stdout += Buffer.from(bytes);
    },
  );
  // Whoever looks at it later still sees that it was rejected.
  exit.catch(() => {});
  const numbers = () =>
    until("its first line is there", () => /^[\d ]+\n/.exec(stdout)?.[0].trim().split(" ").map(Number));
  return { exit, folder, stdout: () => stdout, numbers };
}

/** Prints the number of the script's process and of its child's child. */
const FAMILY = `sh -c 'sleep 300 & echo $PPID $!; wait' & wait`;

function openSpawner(t: TestContext): Spawner {
  const spawner = new Spawner();
  t.after(() => spawner.close());
  return spawner;
}

describe("a spawner", () => {
  it("passes on what scripts print, and how they end, each under its own number", async (t) => {
    const spawner = openSpawner(t);
    const scripts = [1, 2, 3].map((n) => start(t, spawner, n, `echo script ${n}; exit ${n}`));
    for (const [index, script] of scripts.entries()) {
      assert.deepEqual(await script.exit, { exitCode: index + 1, signal: null });
      assert.equal(script.stdout(), `script ${index + 1}\n`);
    }
  });

  it("passes on messages to and from a Node program that has a channel", async (t) => {
    const spawner = openSpawner(t);
    const answer = `process.once("message", (n) => process.send({ sum: n + 1 }, () => process.exit(5)))`;
    const id = spawner.number();
    const told: unknown[] = [];
    const start = { id, file: process.execPath, args: ["-e", answer], cwd: "/", env: {}, hasChannel: true };
    const exit = spawner.run(
      start,
      () => {},
      (message) => told.push(message),
    );
    spawner.tell(id, 41);
    assert.deepEqual(await exit, { exitCode: 5, signal: null });
    assert.deepEqual(told, [{ sum: 42 }]);
    assert.ok(id < 0 && spawner.number() !== id);
  });

  it("says why a program cannot be started", async (t) => {
    const spawner = openSpawner(t);
    const start = {
      id: 1,
      file: "/no/such/program",
      args: [],
      cwd: "/",
      env: {},
      folder: "/no/such/folder",
    };
    await assert.rejects(spawner.run(start, assert.fail), {
      name: "SpawnFailure",
      message: "/no/such/program could not be started: spawn /no/such/program ENOENT",
    });
  });

  it("signals the script and all its children", async (t) => {
    const spawner = openSpawner(t);
    const script = start(t, spawner, 1, FAMILY);
    const family = await script.numbers();
    assert.equal(family.every(isRunning), true);
    spawner.signal(1, "SIGTERM");
    assert.deepEqual(await script.exit, { exitCode: null, signal: "SIGTERM" });
    await until("all of them are dead", () => !family.some(isRunning));
  });

  it("kills a script that does not want to end", async (t) => {
    const spawner = openSpawner(t);
    const script = start(t, spawner, 1, "trap 'echo no' TERM; echo $$; while true; do sleep 0.05; done");
    const [pid = 0] = await script.numbers();
    spawner.signal(1, "SIGTERM");
    await until("it has refused", () => script.stdout().endsWith("no\n"));
    assert.equal(isRunning(pid), true);
    spawner.signal(1, "SIGKILL");
    assert.deepEqual(await script.exit, { exitCode: null, signal: "SIGKILL" });
  });

  it("signals nobody for a run that has ended or never was", async (t) => {
    const spawner = openSpawner(t);
    await start(t, spawner, 1, "true").exit;
    const other = start(t, spawner, 2, "echo $$; sleep 0.3");
    await other.numbers();
    spawner.signal(1, "SIGKILL");
    spawner.signal(3, "SIGKILL");
    assert.deepEqual(await other.exit, { exitCode: 0, signal: null });
  });
});

describe("a script that prints more than its worker takes", () => {
  it("has to wait: what is not taken yet costs no memory", async (t) => {
    const spawner = openSpawner(t);
    const counter = join(temporaryFolder(t), "counter");
    const count = `i=$((i+1)); echo $i > ${counter}.new; mv ${counter}.new ${counter}`;
    const script = start(t, spawner, 1, `i=0; while head -c 1000000 /dev/zero; do ${count}; done`);
    const written = () => Number(existsSync(counter) && readFileSync(counter, "utf8"));
    await until("it prints", () => written() > 0);

    const before = written();
    // A worker that is busy for a while: nothing in this thread goes on.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    assert.ok(written() - before <= 2, `${written() - before} MB were read ahead`);

    await until("it goes on", () => written() > before + 2);
    spawner.signal(1, "SIGKILL");
    await script.exit;
  });
});

describe("a spawner whose worker is gone", () => {
  it("starts nothing any more", async (t) => {
    const spawner = openSpawner(t);
    await spawner.close();
    await assert.rejects(start(t, spawner, 1, "true").exit, SpawnerGone);
  });

  it("kills what still runs, children included, and removes its folder", async (t) => {
    const spawner = openSpawner(t);
    const script = start(t, spawner, 1, FAMILY);
    const family = await script.numbers();

    await spawner.close();

    await assert.rejects(script.exit, SpawnerGone);
    await until("all of them are dead", () => !family.some(isRunning));
    assert.equal(existsSync(script.folder), false);
  });

  it("leaves a folder alone that its worker has dealt with", async (t) => {
    const spawner = openSpawner(t);
    const script = start(t, spawner, 1, "true");
    await script.exit;
    spawner.forget(1);
    await spawner.close();
    assert.equal(existsSync(script.folder), true);
  });
});

describe("a spawner that is killed itself", () => {
  it("takes its scripts with it, says so, and is started again for the next one", async (t) => {
    const spawner = openSpawner(t);
    const script = start(t, spawner, 1, `echo $$ $PPID; sleep 300`);
    const [pid = 0, spawnerPid = 0] = await script.numbers();

    process.kill(spawnerPid, "SIGKILL");

    await assert.rejects(script.exit, { name: "SpawnerGone", message: "the spawner has ended" });
    await until("the script is dead", () => !isRunning(pid));
    const next = start(t, spawner, 2, "echo $PPID");
    assert.deepEqual(await next.exit, { exitCode: 0, signal: null });
    assert.notEqual((await next.numbers())[0], spawnerPid);
  });
});
