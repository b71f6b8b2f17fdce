import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { queryObjects } from "node:v8";
import { Presence } from "../../src/run/presence.ts";
import { Worker } from "../../src/run/worker.ts";
import { claimRuns } from "../../src/store/run-queue.ts";
import { openStore } from "../../src/store/store.ts";
import { isRunning } from "../support/processes.ts";
import { storeDelivery } from "../support/store-delivery.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { startWorker, type TestWorker, testNode } from "../support/worker.ts";

/** A script that waits for a file, and how to write it. */
function gate(t: TestContext): { script: string; open(): void } {
  const file = join(temporaryFolder(t), "open");
  return {
    script: `until [ -e ${file} ]; do sleep 0.02; done`,
    open: () => writeFileSync(file, ""),
  };
}

async function statuses(work: TestWorker, runs: readonly number[]): Promise<string[]> {
  return Promise.all(runs.map(async (run) => (await work.find(run)).status));
}

describe("a worker", () => {
  it("remembers nothing of the times that it has looked in vain", async (t) => {
    const store = await openStore(join(temporaryFolder(t), "longshore.db"));
    let looks = 0;
    const worker = new Worker({
      store: { ...store, hasChanged: () => ++looks < 0 },
      perform: () => assert.fail("there is nothing to perform"),
      hooks: { hooks: [], names: [], readAt: 0, has: () => false, whyGone: () => "" },
      presence: new Presence(store.db, testNode()),
      notifications: [],
      concurrency: 1,
      retention: { ageMs: null, sizeBytes: null },
      log: { info() {}, warn() {}, error() {} },
    });
    t.after(async () => {
      await worker.stop(0);
      await store.close();
    });
    await worker.start();
    const promises = () => queryObjects(Promise, { format: "count" });
    await until("it works", () => looks > 5);
    const before = promises();
    await until("it has looked a hundred times more", () => looks > 105);
    assert.ok(promises() - before < 50);
  });

  it("performs as many runs at once as it may, and no more", async (t) => {
    const work = await startWorker(t, { concurrency: 2, isIdle: true });
    const runs: number[] = [];
    for (let n = 0; n < 6; n++) runs.push(await work.start(work.hook("sleep 0.1")));
    await work.worker.start();

    const ended = await Promise.all(runs.map(work.ended));
    const changes = ended.flatMap(({ startedAt, finishedAt }) => [
      { at: startedAt ?? 0, by: 1 },
      { at: finishedAt ?? 0, by: -1 },
    ]);
    let atOnce = 0;
    let most = 0;
    for (const { by } of changes.sort((a, b) => a.at - b.at || a.by - b.by)) {
      atOnce += by;
      most = Math.max(most, atOnce);
    }
    assert.equal(most, 2);
  });

  it("starts the next run as soon as a hand is free", async (t) => {
    const work = await startWorker(t, { concurrency: 1, isIdle: true });
    const hook = work.hook("true");
    const runs: number[] = [];
    for (let n = 0; n < 10; n++) runs.push(await work.start(hook));
    await work.worker.start();
    const ended = await Promise.all(runs.map(work.ended));
    const took = (ended.at(-1)?.finishedAt ?? 0) - (ended[0]?.startedAt ?? 0);
    // Waiting for the next look after each would take a second for each.
    assert.ok(took < 5_000, `ten runs took ${took} ms`);
  });

  for (const concurrency of [1, 4])
    it(`lets hooks take turns: a long queue keeps no other hook waiting (${concurrency} at once)`, async (t) => {
      const work = await startWorker(t, { concurrency, isIdle: true });
      const [busy, quiet] = [work.hook("true"), work.hook("true")];
      const many: number[] = [];
      for (let n = 0; n < 12; n++) many.push(await work.start(busy));
      const one = await work.start(quiet);

      await work.worker.start();

      const { startedAt } = await work.ended(one);
      for (const run of many) await work.ended(run);
      const before = (await Promise.all(many.map(work.find))).filter(
        (run) => (run.startedAt ?? 0) < (startedAt ?? 0),
      );
      assert.ok(before.length <= 1, `${before.length} runs of the other hook came first`);
    });

  it("lets them take turns one by one, also while others write to the database all the time", async (t) => {
    const work = await startWorker(t, { concurrency: 1, isIdle: true });
    const hooks = [work.hook("sleep 0.1"), work.hook("sleep 0.1")];
    const runs: number[] = [];
    for (const hook of hooks) for (let n = 0; n < 5; n++) runs.push(await work.start(hook));
    await work.worker.start();
    await until("all have ended", async () => {
      await storeDelivery(work.store);
      return (await statuses(work, runs)).every((status) => status === "succeeded");
    });
    const ended = await Promise.all(runs.map(work.find));
    const order = ended.sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0)).map(({ hook }) => hook);
    assert.deepEqual(order, Array(5).fill(hooks).flat());
  });

  it("runs deliveries of one hook in the order in which they came", async (t) => {
    const work = await startWorker(t, { concurrency: 1, isIdle: true });
    const log = join(temporaryFolder(t), "log");
    const hook = work.hook(`echo "$LONGSHORE_RUN" >> ${log}; cat ${log}`);
    const runs: number[] = [];
    for (let n = 0; n < 4; n++) runs.push(await work.start(hook));
    await work.worker.start();
    for (const run of runs) await work.ended(run);
    assert.equal((await work.ended(runs.at(-1) ?? 0)).stdout, runs.map((run) => `${run}\n`).join(""));
  });

  it("leaves alone what it has no hook for, and takes it as soon as it has", async (t) => {
    const work = await startWorker(t);
    const hook = work.hook("true");
    work.files.add(hook);
    const [loaded] = work.hooks.splice(0);
    const waiting = await work.start(hook);
    assert.equal((await work.run("true")).status, "succeeded");
    assert.equal((await work.find(waiting)).status, "queued");

    work.hooks.push(loaded ?? assert.fail());
    assert.equal((await work.ended(waiting)).status, "succeeded");
  });

  it("keeps a run until it is due", async (t) => {
    const work = await startWorker(t, { isIdle: true });
    const run = await work.start(work.hook("true"));
    const dueAt = Date.now() + 700;
    await work.store.db.updateTable("runs").set({ due_at: dueAt }).where("id", "=", run).execute();
    await work.worker.start();
    const { startedAt } = await work.ended(run);
    assert.ok((startedAt ?? 0) >= dueAt);
  });
});

describe("a worker that starts", () => {
  it("takes over the runs of workers on this machine that are gone, and of no others", async (t) => {
    const work = await startWorker(t, { isIdle: true });
    const { pid: dead } = spawnSync("true");
    const hook = work.hook("true");
    const claimed = async (worker: string, leaseMs: number) => {
      const run = await work.start(hook);
      await claimRuns(work.store.db, { worker, hooks: [hook], limit: 1, now: Date.now(), leaseMs });
      return run;
    };
    const gone = [
      await claimed(`${hostname()}/${dead}/aaaa`, 60_000),
      // A container's first process has the same number in every life.
      await claimed(`${hostname()}/${process.pid}/bbbb`, 60_000),
      await claimed("elsewhere/1/cccc", -1),
    ];
    const alive = [
      await claimed(`${hostname()}/${process.ppid}/dddd`, 60_000),
      await claimed("elsewhere/1/eeee", 60_000),
    ];

    await work.worker.start();

    for (const run of gone) assert.equal((await work.ended(run)).attempt, 2);
    assert.deepEqual(await statuses(work, alive), ["running", "running"]);
    assert.deepEqual(
      work.log.filter(({ level }) => level === "warn").map(({ fields }) => fields.runs),
      [3],
    );
  });
});

describe("a worker that stops", () => {
  it("lets the runs in its hands end, and claims no more", async (t) => {
    const work = await startWorker(t, { concurrency: 1 });
    const { script, open } = gate(t);
    const running = await work.start(work.hook(script));
    await until("it runs", async () => (await work.find(running)).status === "running");
    const waiting = await work.start(work.hook("true"));

    const stopped = work.worker.stop(60_000);
    open();
    await stopped;

    assert.deepEqual(await statuses(work, [running, waiting]), ["succeeded", "queued"]);
  });

  it("hands back what has not ended in time, with what it has printed", async (t) => {
    const work = await startWorker(t);
    const run = await work.start(work.hook("echo $$; sleep 300"));
    const pid = await until("it has printed", async () => Number(await work.output(run)) || undefined);

    await work.worker.stop(50);

    const { status, reason, attempt } = await work.find(run);
    assert.deepEqual([status, reason, attempt], ["queued", "handed back by a stopping server", 1]);
    assert.equal(isRunning(pid), false);
    assert.equal(await work.output(run), `${pid}\n`);
  });

  it("does not wait for the next turn of its own clocks", async (t) => {
    const work = await startWorker(t);
    const { script, open } = gate(t);
    const run = await work.start(work.hook(script));
    await until("it runs", async () => (await work.find(run)).status === "running");
    const stopped = work.worker.stop(60_000);
    open();
    await work.ended(run);
    const start = performance.now();
    await stopped;
    assert.ok(performance.now() - start < 3_000);
  });
});
