import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { listAttempts } from "../../src/store/attempts.ts";
import {
  decideEnding,
  finishRun,
  handBackRun,
  interruptRun,
  rescueRuns,
  retryRun,
} from "../../src/store/run-ends.ts";
import { cancelledRuns, type Outcome } from "../../src/store/run-queue.ts";
import { findRun } from "../../src/store/runs.ts";
import { openTestStore } from "../support/store.ts";

const FAILURE: Outcome = { status: "failed", exitCode: 7, signal: null, reason: null };
const CANCELLED: Outcome = { status: "cancelled", exitCode: null, signal: "SIGTERM", reason: "enough" };

/** A store in which `w1` holds the run 1, from 1,000 on. */
async function setUp(t: TestContext, queue?: "single" | "max") {
  const store = await openTestStore(t);
  const groups = queue && { deploy: { name: "deploy", queue, cancelsRunning: false } };
  const push = () => store.queueRun("deploy", { groups });
  await push();
  const [run] = await store.claim();
  assert.ok(run);
  const find = async (id = 1) => {
    const found = await findRun(store.db, id);
    assert.ok(found);
    return found;
  };
  const attempts = async () => {
    const all = await listAttempts(store.db, await find());
    return all.map(({ attempt, outcome, reason, exitCode }) => [attempt, outcome, reason ?? exitCode]);
  };
  return { store, db: store.db, held: { ...run, worker: "w1" }, push, find, attempts };
}

describe("queueing a run for another attempt", () => {
  it("makes it due when it is said, keeps what came of this attempt, and counts the failure", async (t) => {
    const { store, db, held, find, attempts } = await setUp(t);
    assert.equal(await retryRun(db, held, FAILURE, { dueAt: 60_000, now: 5_000 }), true);
    const { status, finishedAt, exitCode } = await find();
    assert.deepEqual([status, finishedAt, exitCode], ["queued", null, 7]);
    assert.deepEqual(await store.claim({ now: 59_999 }), []);
    const [again] = await store.claim({ now: 60_000 });
    assert.deepEqual([again?.attempt, again?.failures, (await find()).exitCode], [2, 1, null]);
    assert.deepEqual(await attempts(), [
      [1, "failed", 7],
      [2, "running", null],
    ]);
  });

  it("writes nothing for a worker that no longer holds it", async (t) => {
    const { store, db, held, attempts } = await setUp(t);
    await rescueRuns(db, 100_000, []);
    await store.claim({ now: 100_000 });
    assert.equal(await retryRun(db, held, FAILURE, { dueAt: 1, now: 1 }), false);
    assert.equal(await decideEnding(db, held, FAILURE), false);
    assert.deepEqual(await attempts(), [
      [1, "interrupted", null],
      [2, "running", null],
    ]);
  });

  it("gives way to a newer run of its group that waits already; only what its hook does after a failure is left", async (t) => {
    const { store, db, held, push, find } = await setUp(t, "single");
    await push();
    await retryRun(db, held, FAILURE, { dueAt: 60_000, now: 5_000 });
    assert.equal((await find(2)).status, "queued");
    const [run, ...others] = await store.claim({ now: 5_000 });
    assert.deepEqual(others, [], "it has its place in the group until that is done");
    assert.deepEqual(
      [run?.id, run?.ending?.status, run?.ending?.reason],
      [1, "cancelled", "superseded by run 2"],
    );
  });

  it("gives way to a run of its group that comes while it waits", async (t) => {
    const { store, db, held, push } = await setUp(t, "single");
    await retryRun(db, held, FAILURE, { dueAt: 60_000, now: 5_000 });
    await push();
    const [run] = await store.claim({ now: 5_000 });
    assert.deepEqual([run?.id, run?.ending?.reason], [1, "superseded by run 2"]);
  });

  it("keeps its place in the group under `queue: max`: those behind it wait", async (t) => {
    const { store, db, held, push } = await setUp(t, "max");
    await push();
    await retryRun(db, held, FAILURE, { dueAt: 60_000, now: 5_000 });
    assert.deepEqual(await store.claim({ now: 59_999 }), []);
    const [run] = await store.claim({ now: 60_000 });
    assert.deepEqual([run?.id, run?.ending], [1, null]);
  });

  it("makes no other attempt when somebody wants it to end meanwhile", async (t) => {
    const { store, db, held } = await setUp(t);
    await db.updateTable("runs").set({ cancel_reason: "enough" }).execute();
    await retryRun(db, held, FAILURE, { dueAt: 60_000, now: 5_000 });
    const [run] = await store.claim({ now: 5_000 });
    assert.deepEqual([run?.ending?.status, run?.ending?.reason], ["cancelled", "enough"]);
  });
});

describe("a run that is interrupted while its worker lives", () => {
  it("is queued again at once, with what has happened, and counts as interrupted", async (t) => {
    const { store, db, held, find, attempts } = await setUp(t);
    assert.equal(await interruptRun(db, held, { reason: "the spawner has ended", now: 5_000 }), true);
    assert.equal((await find()).reason, "interrupted: the spawner has ended");
    const [again] = await store.claim({ now: 5_000 });
    assert.deepEqual([again?.interruptions, again?.failures, again?.ending], [1, 0, null]);
    assert.equal(
      await interruptRun(db, held, { reason: "x", now: 6_000 }),
      false,
      "it is not in this attempt",
    );
    assert.deepEqual((await attempts())[0], [1, "interrupted", null]);
  });
});

describe("a run of which only `on-failure` is left", () => {
  it("is known to the next worker when this one is gone, or hands it back", async (t) => {
    for (const end of ["rescue", "hand back"]) {
      const { store, db, held, attempts } = await setUp(t);
      assert.equal(await decideEnding(db, held, CANCELLED), true);
      if (end === "rescue") await rescueRuns(db, 100_000, []);
      else await handBackRun(db, held, 100_000);
      const [run] = await store.claim({ now: 100_000 });
      assert.deepEqual(run?.ending, CANCELLED);
      assert.deepEqual(await attempts(), [
        [1, "cancelled", "enough"],
        [2, "running", "enough"],
      ]);
    }
  });

  it("can be ended itself, also when its worker is gone meanwhile", async (t) => {
    const { store, db, held } = await setUp(t);
    await decideEnding(db, held, FAILURE);
    await db.updateTable("runs").set({ cancel_reason: "no rollback" }).execute();
    await rescueRuns(db, 100_000, []);
    const [run] = await store.claim({ now: 100_000 });
    assert.deepEqual([run?.ending, run?.interruptions], [FAILURE, 1]);
    assert.deepEqual([...(await cancelledRuns(db, "w1"))], [[1, "no rollback"]]);
  });

  it("is neither superseded nor stopped by a newer run of its group", async (t) => {
    const { store, db, held, find } = await setUp(t, "single");
    await decideEnding(db, held, FAILURE);
    const cancelling = { deploy: { name: "deploy", queue: "single" as const, cancelsRunning: true } };
    await store.queueRun("deploy", { groups: cancelling });
    const row = await db.selectFrom("runs").select("cancel_reason").where("id", "=", 1).executeTakeFirst();
    assert.equal(row?.cancel_reason, null);
    await finishRun(db, held, FAILURE, 9_000);
    assert.equal((await find()).status, "failed");
    assert.deepEqual(
      (await store.claim({ now: 9_000 })).map(({ id }) => id),
      [2],
    );
  });
});
