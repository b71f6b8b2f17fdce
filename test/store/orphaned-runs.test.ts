import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failQueuedRuns, hooksWithQueuedRuns } from "../../src/store/orphaned-runs.ts";
import { findRun } from "../../src/store/runs.ts";
import { openTestStore } from "../support/store.ts";

describe("looking for hooks with queued runs", () => {
  it("names each once, and none whose runs are claimed or over", async (t) => {
    const store = await openTestStore(t);
    for (const hook of ["b", "a", "b", "claimed"]) await store.queueRun(hook);
    await store.claim({ hooks: ["claimed"] });
    assert.deepEqual(await hooksWithQueuedRuns(store.db), ["a", "b"]);
  });

  it("names none where nothing is queued", async (t) => {
    assert.deepEqual(await hooksWithQueuedRuns((await openTestStore(t)).db), []);
  });
});

describe("failing the queued runs of a hook", () => {
  const GONE = { dueBefore: 200, reason: "it is gone", now: 900 };

  it("ends those that were due before the moment, with the reason", async (t) => {
    const store = await openTestStore(t);
    const early = await store.queueRun("gone", { receivedAt: 199 });
    const late = await store.queueRun("gone", { receivedAt: 200 });
    const other = await store.queueRun("there", { receivedAt: 100 });

    assert.equal(await failQueuedRuns(store.db, "gone", GONE), 1);

    const ended = await findRun(store.db, early);
    assert.deepEqual([ended?.status, ended?.reason, ended?.finishedAt], ["failed", "it is gone", 900]);
    for (const id of [late, other]) assert.equal((await findRun(store.db, id))?.status, "queued");
  });

  it("leaves what is being performed", async (t) => {
    const store = await openTestStore(t);
    const run = await store.queueRun("gone", { receivedAt: 100 });
    await store.claim({ hooks: ["gone"] });
    assert.equal(await failQueuedRuns(store.db, "gone", GONE), 0);
    assert.equal((await findRun(store.db, run))?.status, "running");
  });

  it("takes some of many at a time, and in the end all of them", async (t) => {
    const store = await openTestStore(t);
    for (let n = 0; n < 250; n++) await store.queueRun("gone", { receivedAt: 100 });
    const counts = [1, 2, 3].map(() => failQueuedRuns(store.db, "gone", GONE));
    assert.deepEqual(
      (await Promise.all(counts)).sort((a, b) => b - a),
      [200, 50, 0],
    );
  });
});
