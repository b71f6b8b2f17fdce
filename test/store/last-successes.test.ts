import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isLate, lastSuccess } from "../../src/store/last-successes.ts";
import { finishRun } from "../../src/store/run-queue.ts";
import { openTestStore, type TestStore } from "../support/store.ts";

const MAIN = { source: "github", repository: "acme/site", ref: "refs/heads/main" };
const SUCCESS = { status: "succeeded", exitCode: 0, signal: null, reason: null } as const;

async function succeed(store: TestStore, sha: string, pushedAt: number) {
  await store.queueRun("deploy", { sha, pushedAt });
  const [run] = await store.claim();
  assert.ok(run);
  await finishRun(store.db, { ...run, worker: "w1" }, SUCCESS, 2_000);
  return run;
}

describe("what a hook last ran to success for", () => {
  it("stays the newest push, also when an older one succeeds after it", async (t) => {
    const store = await openTestStore(t);
    const newer = await succeed(store, "new", 2_000);
    const older = await succeed(store, "old", 1_000);
    const last = await lastSuccess(store.db, "deploy", MAIN);
    assert.deepEqual([last?.sha, last?.run_id], ["new", newer.id]);
    assert.ok(last);
    assert.deepEqual([isLate(older, last), isLate(newer, last)], [true, false]);
  });

  it("makes nothing late that an earlier version has stored", async (t) => {
    const store = await openTestStore(t);
    const run = await succeed(store, "new", 2_000);
    const last = { sha: "x", run_id: null, delivery_id: null, pushed_at: null };
    assert.equal(isLate(run, last), false);
  });
});
