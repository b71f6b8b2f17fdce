import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { RunGroup } from "../../src/match/concurrency.ts";
import { finishRun, handBackRun, rescueRuns } from "../../src/store/run-ends.ts";
import { MAX_WAITING } from "../../src/store/run-groups.ts";
import { cancelledRuns, hasDueRuns } from "../../src/store/run-queue.ts";
import { findRun } from "../../src/store/runs.ts";
import { openTestStore } from "../support/store.ts";

const DEPLOY: RunGroup = { name: "github acme/site deploy", queue: "single", cancelsRunning: false };
const HOOKS = ["deploy", "migrate"];

async function setUp(t: TestContext, group: RunGroup = DEPLOY) {
  const store = await openTestStore(t);
  const statusOf = async (run: number) => (await findRun(store.db, run))?.status;
  return {
    store,
    /** Stores a delivery with a run of this hook in the group; the run. */
    push: (changes: { hook?: string; pushedAt?: number; guid?: string; cancels?: boolean } = {}) => {
      const { hook = "deploy", cancels = group.cancelsRunning, ...others } = changes;
      const groups = { [hook]: { ...group, cancelsRunning: cancels } };
      return store.queueRun(hook, { groups, loadedHooks: HOOKS, ...others });
    },
    claim: (worker = "w1", hooks: readonly string[] = HOOKS) => store.claim({ worker, hooks }),
    finish: async (run: number, status: "succeeded" | "failed" = "succeeded", worker = "w1") => {
      const row = await findRun(store.db, run);
      assert.ok(row);
      const held = {
        id: run,
        deliveryId: row.deliveryId,
        hook: row.hook,
        attempt: row.attempt,
        pushedAt: null,
      };
      const outcome = { status, exitCode: 0, signal: null, reason: null };
      assert.equal(await finishRun(store.db, { ...held, worker }, outcome, 2_000), true);
    },
    statuses: async (...runs: number[]) => Promise.all(runs.map(statusOf)),
    reason: async (run: number) => (await findRun(store.db, run))?.reason,
  };
}

const ids = (claimed: readonly { id: number }[]) => claimed.map(({ id }) => id);

describe("runs of one group", () => {
  it("are performed one at a time, also by two workers and for two hooks", async (t) => {
    const { store, push, claim, finish } = await setUp(t, { ...DEPLOY, queue: "max" });
    await push();
    await push({ hook: "migrate" });
    await push();
    assert.deepEqual(ids(await claim()), [1]);
    assert.deepEqual(ids(await claim("w2")), []);
    assert.equal(await hasDueRuns(store.db, HOOKS, 9_000), false);
    await finish(1);
    assert.deepEqual(ids(await claim("w2")), [2]);
    await finish(2, "failed", "w2");
    assert.deepEqual(ids(await claim()), [3]);
  });

  it("do not hold up those of another group, nor those of none", async (t) => {
    const { store, push, claim } = await setUp(t);
    await push();
    await store.queueRun("deploy", { groups: { deploy: { ...DEPLOY, name: "github acme/other deploy" } } });
    await store.queueRun("deploy");
    assert.deepEqual(ids(await claim()), [1, 2, 3]);
  });

  it("cannot be running twice in the database, whoever tries", async (t) => {
    const { store, push, claim } = await setUp(t, { ...DEPLOY, queue: "max" });
    await push();
    await push();
    await claim();
    const force = store.db
      .updateTable("runs")
      .set({ status: "running", attempt: 1, started_at: 1, worker: "w2", lease_until: 9 })
      .where("id", "=", 2)
      .execute();
    await assert.rejects(
      force,
      /UNIQUE constraint failed: runs\.concurrency_group|unique constraint "one_running"/,
    );
  });

  it("wait for a run of a hook that only another worker has loaded", async (t) => {
    const { store, push, claim } = await setUp(t, { ...DEPLOY, queue: "max" });
    await push({ hook: "migrate" });
    await push();
    assert.deepEqual(await store.claim({ hooks: ["deploy"], elsewhere: ["migrate"] }), []);
    assert.equal(await hasDueRuns(store.db, ["deploy"], 9_000, new Set(), ["migrate"]), false);
    assert.deepEqual(ids(await claim("w2", ["deploy"])), [2]);
  });

  it("do not wait for a run of a hook that nobody has loaded", async (t) => {
    const { push, claim } = await setUp(t, { ...DEPLOY, queue: "max" });
    await push({ hook: "migrate" });
    await push();
    assert.deepEqual(ids(await claim("w1", ["deploy"])), [2]);
  });
});

describe("under `queue: single`", () => {
  it("the newest takes the place of the one that waits, which is told which it was", async (t) => {
    const { push, claim, finish, statuses, reason } = await setUp(t);
    await push();
    await claim();
    await push();
    await push();
    await push();
    assert.deepEqual(await statuses(1, 2, 3, 4), ["running", "cancelled", "cancelled", "queued"]);
    assert.equal(await reason(2), "superseded by run 3");
    assert.equal(await reason(3), "superseded by run 4");
    await finish(1);
    assert.deepEqual(ids(await claim()), [4]);
  });

  it("two hooks that share a group for one delivery both run, one after the other", async (t) => {
    const { store, claim, finish } = await setUp(t);
    await store.accept({ hooks: HOOKS, groups: { deploy: DEPLOY, migrate: DEPLOY } });
    assert.deepEqual(ids(await claim()), [1]);
    await finish(1);
    assert.deepEqual(ids(await claim()), [2]);
  });

  it("deliveries that are stored together leave only the newest waiting", async (t) => {
    const { store, statuses } = await setUp(t);
    const { acceptGroup } = await import("../../src/store/accept.ts");
    const arrivals = [1, 2, 3].map(() => store.arrival({ hooks: ["deploy"], groups: { deploy: DEPLOY } }));
    await acceptGroup(store.db, arrivals);
    assert.deepEqual(await statuses(1, 2, 3), ["cancelled", "cancelled", "queued"]);
  });

  it("an older push that comes late does not replace a newer one", async (t) => {
    const { push, statuses, reason } = await setUp(t);
    await push({ pushedAt: 2_000 });
    await push({ pushedAt: 1_000 });
    assert.deepEqual(await statuses(1, 2), ["queued", "cancelled"]);
    assert.equal(await reason(2), "superseded by run 1");
  });

  it("a redelivery of what has failed replaces nothing newer", async (t) => {
    const { push, claim, finish, statuses, store } = await setUp(t);
    await push({ guid: "first" });
    await claim();
    await finish(1, "failed");
    await push();
    await store.accept({ guid: "first", hooks: ["deploy"], loadedHooks: HOOKS });
    assert.deepEqual(await statuses(1, 2, 3), ["failed", "queued", "cancelled"]);
  });
});

describe("under `queue: max`", () => {
  it("a hundred wait in their order, and what comes then is cancelled", async (t) => {
    const { push, claim, finish, statuses, reason } = await setUp(t, { ...DEPLOY, queue: "max" });
    await push();
    await claim();
    for (let n = 0; n < MAX_WAITING; n++) await push();
    assert.deepEqual(await statuses(2, MAX_WAITING + 1), ["queued", "queued"]);
    const late = await push();
    assert.deepEqual(await statuses(late), ["cancelled"]);
    assert.equal(await reason(late), "100 runs of its group are waiting already");
    await finish(1);
    assert.deepEqual(ids(await claim()), [2]);
  });
});

describe("with `cancel-in-progress`", () => {
  it("a newcomer asks for the end of the run that is being performed", async (t) => {
    const { store, push, claim } = await setUp(t, { ...DEPLOY, cancelsRunning: true });
    await push();
    await claim();
    assert.deepEqual([...(await cancelledRuns(store.db, "w1"))], []);
    await push();
    assert.deepEqual([...(await cancelledRuns(store.db, "w1"))], [[1, "superseded by run 2"]]);
    assert.deepEqual([...(await cancelledRuns(store.db, "w2"))], []);
  });

  it("an older push asks for nothing", async (t) => {
    const { store, push, claim } = await setUp(t, { ...DEPLOY, cancelsRunning: true });
    await push({ pushedAt: 2_000 });
    await claim();
    await push({ pushedAt: 1_000 });
    assert.deepEqual([...(await cancelledRuns(store.db, "w1"))], []);
  });

  it("the run ends as cancelled also when its worker is gone, or hands it back", async (t) => {
    for (const end of ["rescue", "hand back"]) {
      const { store, push, claim, reason } = await setUp(t, { ...DEPLOY, cancelsRunning: true });
      await push();
      const [run] = await claim();
      assert.ok(run);
      await push();
      if (end === "rescue") await rescueRuns(store.db, 1_000_000, []);
      else assert.equal(await handBackRun(store.db, { ...run, worker: "w1" }, 3_000), true);
      const [ended] = await store.claim({ now: 1_000_000 });
      assert.deepEqual([ended?.id, ended?.ending?.status], [1, "cancelled"]);
      assert.equal(await reason(1), "superseded by run 2");
    }
  });
});
