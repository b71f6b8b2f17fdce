import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasDueRuns } from "../../src/store/run-queue.ts";
import { findRun } from "../../src/store/runs.ts";
import { sharedDatabase } from "../support/database.ts";
import { openTestStore, type TestStore, testStoreAt } from "../support/store.ts";
import { inThreads } from "../support/threads.ts";

/** Queues this many runs of a hook. */
async function queue(store: TestStore, hook: string, runs: number): Promise<void> {
  for (let i = 0; i < runs; i++) await store.queueRun(hook);
}

const ids = (runs: readonly { id: number }[]) => runs.map(({ id }) => id);

describe("claiming runs", () => {
  it("gives a run to its worker with a lease, in its first attempt", async (t) => {
    const store = await openTestStore(t);
    const { delivery } = await store.accept({ hooks: ["deploy"] });
    assert.deepEqual(await store.claim({ now: 5_000, leaseMs: 15_000 }), [
      {
        ...{ id: 1, deliveryId: delivery, hook: "deploy", attempt: 1, pushedAt: null, newerRun: null },
        ...{ failures: 0, interruptions: 0, ending: null, about: null },
      },
    ]);
    const row = await store.db.selectFrom("runs").selectAll().executeTakeFirst();
    assert.deepEqual(
      [row?.status, row?.worker, row?.started_at, row?.lease_until],
      ["running", "w1", 5_000, 20_000],
    );
  });

  it("gives each run once", async (t) => {
    const store = await openTestStore(t);
    await queue(store, "deploy", 3);
    assert.deepEqual(ids(await store.claim({ limit: 2 })), [1, 2]);
    assert.deepEqual(ids(await store.claim({ worker: "w2", limit: 2 })), [3]);
    assert.deepEqual(await store.claim({ limit: 2 }), []);
  });

  it("gives each run to exactly one of several workers that claim at once", {
    timeout: 60_000,
  }, async (t) => {
    const store = await testStoreAt(t, await sharedDatabase(t));
    await queue(store, "deploy", 120);
    const claimed = (await inThreads(3, "claim", [store.path])).flat().sort((a, b) => a - b);
    assert.deepEqual(
      claimed,
      Array.from({ length: 120 }, (_, index) => index + 1),
    );
  });

  it("takes what has been due for longest first, and of the same time what came first", async (t) => {
    const store = await openTestStore(t);
    for (const receivedAt of [300, 100, 200, 100]) await store.queueRun("deploy", { receivedAt });
    assert.deepEqual(ids(await store.claim()), [2, 4, 3, 1]);
  });

  it("leaves runs that are not due yet", async (t) => {
    const store = await openTestStore(t);
    await store.queueRun("deploy", { receivedAt: 5_000 });
    assert.deepEqual(await store.claim({ now: 4_999 }), []);
    assert.deepEqual(ids(await store.claim({ now: 5_000 })), [1]);
  });

  it("leaves runs of hooks that the worker has not loaded", async (t) => {
    const store = await openTestStore(t);
    await queue(store, "deploy", 1);
    await queue(store, "gone", 1);
    assert.deepEqual(ids(await store.claim({ hooks: ["deploy", "other"] })), [1]);
    assert.equal((await findRun(store.db, 2))?.status, "queued");
    assert.deepEqual(await store.claim({ hooks: [] }), []);
  });

  it("lets hooks take turns: a long queue does not keep the others waiting", async (t) => {
    const store = await openTestStore(t);
    await queue(store, "busy", 10);
    await queue(store, "calm", 2);
    await queue(store, "rare", 1);
    const claimed = await store.claim({ hooks: ["busy", "calm", "rare"], limit: 6 });
    assert.deepEqual(
      claimed.map(({ hook }) => hook),
      ["busy", "calm", "rare", "busy", "calm", "busy"],
    );
  });

  it("begins with the hook that the worker names first", async (t) => {
    const store = await openTestStore(t);
    await queue(store, "busy", 10);
    await queue(store, "calm", 1);
    assert.deepEqual((await store.claim({ hooks: ["calm", "busy"], limit: 1 }))[0]?.hook, "calm");
  });

  it("takes never more than the limit", async (t) => {
    const store = await openTestStore(t);
    await queue(store, "a", 5);
    await queue(store, "b", 5);
    assert.equal((await store.claim({ hooks: ["a", "b"], limit: 3 })).length, 3);
    assert.deepEqual(await store.claim({ hooks: ["a", "b"], limit: 0 }), []);
  });

  it("clears what an earlier attempt has left", async (t) => {
    const store = await openTestStore(t);
    await queue(store, "deploy", 1);
    await store.db
      .updateTable("runs")
      .set({ reason: "handed back", exit_code: 1, signal: "SIGKILL", attempt: 3 })
      .execute();
    assert.equal((await store.claim())[0]?.attempt, 4);
    const run = await findRun(store.db, 1);
    assert.deepEqual([run?.reason, run?.exitCode, run?.signal], [null, null, null]);
  });
});

describe("hasDueRuns", () => {
  it("says whether claiming would find anything", async (t) => {
    const store = await openTestStore(t);
    await store.queueRun("deploy", { receivedAt: 1_000 });
    assert.equal(await hasDueRuns(store.db, ["other", "deploy"], 1_000), true);
    assert.equal(await hasDueRuns(store.db, ["other"], 1_000), false);
    assert.equal(await hasDueRuns(store.db, ["deploy"], 999), false);
    assert.equal(await hasDueRuns(store.db, [], 1_000), false);
    await store.claim();
    assert.equal(await hasDueRuns(store.db, ["deploy"], 1_000), false);
  });
});
