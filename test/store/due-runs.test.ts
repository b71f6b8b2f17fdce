import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { finishRun } from "../../src/store/run-ends.ts";
import { hasDueRuns } from "../../src/store/run-queue.ts";
import { openTestStore, type TestStore } from "../support/store.ts";

const HOOKS = ["push-site", "push", "all"];
const inOrder = new Set(HOOKS);

const claim = async (store: TestStore, options: Parameters<TestStore["claim"]>[0] = {}) =>
  (await store.claim({ hooks: [...HOOKS, "deploy"], inOrder, ...options })).map(({ id }) => id);

async function finish(store: TestStore, id: number, status: "succeeded" | "failed"): Promise<void> {
  const run = { id, deliveryId: 1, hook: "any", attempt: 1, pushedAt: null, newerRun: null, worker: "w1" };
  const outcome = { status, exitCode: 0, signal: null, reason: null };
  assert.equal(await finishRun(store.db, run, outcome, 2_000), true);
}

describe("claiming runs of hooks that work on a delivery one after the other", () => {
  it("gives the next when the one before is at its end, however it ended", async (t) => {
    const store = await openTestStore(t);
    await store.accept({ hooks: HOOKS });
    assert.deepEqual(await claim(store), [1]);
    assert.deepEqual(await claim(store), []);
    await finish(store, 1, "failed");
    assert.deepEqual(await claim(store, { worker: "w2" }), [2]);
    assert.deepEqual(await claim(store), []);
    await store.db.updateTable("runs").set({ worker: "w1" }).where("id", "=", 2).execute();
    await finish(store, 2, "succeeded");
    assert.deepEqual(await claim(store), [3]);
  });

  it("holds up no other delivery, and no other hook", async (t) => {
    const store = await openTestStore(t);
    await store.accept({ hooks: ["push", "all", "deploy"] });
    await store.accept({ hooks: ["push", "all"] });
    await store.accept({ hooks: ["all"] });
    assert.deepEqual((await claim(store)).sort(), [1, 3, 4, 6]);
  });

  it("gives those that have been due for longest first", async (t) => {
    const store = await openTestStore(t);
    for (const receivedAt of [300, 100, 200]) await store.accept({ hooks: ["all"], receivedAt });
    assert.deepEqual(await claim(store, { limit: 2 }), [2, 3]);
  });

  it("does not wait for a hook that the worker has not loaded", async (t) => {
    const store = await openTestStore(t);
    await store.accept({ hooks: HOOKS });
    const loaded = HOOKS.slice(1);
    assert.deepEqual(await claim(store, { hooks: loaded, inOrder: new Set(loaded) }), [2]);
  });

  it("waits for a hook that another worker has loaded", async (t) => {
    const store = await openTestStore(t);
    await store.accept({ hooks: HOOKS });
    const own = { hooks: HOOKS.slice(1), inOrder };
    assert.deepEqual(await claim(store, { ...own, elsewhere: ["push-site"] }), []);
    assert.equal(await hasDueRuns(store.db, own.hooks, 1_000, inOrder, ["push-site"]), false);
    assert.deepEqual(await claim(store, { hooks: ["push-site"], elsewhere: own.hooks }), [1]);
    await finish(store, 1, "succeeded");
    assert.deepEqual(await claim(store, { ...own, elsewhere: ["push-site"] }), [2]);
  });

  it("sees a run that need not wait behind many that do", async (t) => {
    const store = await openTestStore(t);
    for (let i = 0; i < 60; i++) await store.accept({ hooks: ["push", "all"] });
    await store.accept({ hooks: ["all"] });
    assert.deepEqual(await claim(store, { hooks: ["all"], limit: 1 }), [121]);
  });

  it("does not count as due what waits", async (t) => {
    const store = await openTestStore(t);
    await store.accept({ hooks: HOOKS });
    assert.equal(await hasDueRuns(store.db, HOOKS, 1_000, inOrder), true);
    await claim(store);
    assert.equal(await hasDueRuns(store.db, HOOKS, 1_000, inOrder), false);
    await finish(store, 1, "succeeded");
    assert.equal(await hasDueRuns(store.db, HOOKS, 1_000, inOrder), true);
    assert.equal(await hasDueRuns(store.db, HOOKS, 999, inOrder), false);
  });
});
