import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lastSuccess } from "../../src/store/last-successes.ts";
import { finishRun } from "../../src/store/run-ends.ts";
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
    assert.deepEqual([newer.newerRun, older.newerRun], [null, newer.id]);
  });

  it("makes nothing late that was claimed before, that is forced, or for another branch or event", async (t) => {
    const store = await openTestStore(t);
    await store.queueRun("deploy", { pushedAt: 1_000 });
    const [early] = await store.claim();
    await succeed(store, "new", 2_000);
    assert.equal(early?.newerRun, null);
    for (const changes of [{ ref: "refs/heads/dev" }, { repository: "acme/other" }, { event: "issues" }])
      await store.queueRun("deploy", { pushedAt: 1_000, ...changes });
    const forced = await store.queueRun("deploy", { pushedAt: 1_000 });
    await store.db.updateTable("runs").set({ forced: 1 }).where("id", "=", forced).execute();
    const late = await store.queueRun("deploy", { pushedAt: 1_000 });
    const claimed = await store.claim();
    assert.deepEqual(
      claimed.map(({ newerRun }) => newerRun),
      [null, null, null, null, 2],
    );
    assert.equal(claimed.at(-1)?.id, late);
  });

  it("makes nothing late where an earlier version has stored it", async (t) => {
    const store = await openTestStore(t);
    await succeed(store, "new", 2_000);
    await store.db.updateTable("last_successes").set({ run_id: null, delivery_id: null }).execute();
    assert.equal((await succeed(store, "old", 1_000)).newerRun, null);
  });
});
