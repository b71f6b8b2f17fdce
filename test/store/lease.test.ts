import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { lastSuccess } from "../../src/store/last-successes.ts";
import { finishRun, handBackRun, MAX_INTERRUPTIONS, rescueRuns } from "../../src/store/run-ends.ts";
import { extendLeases, type Outcome, workersWithRuns } from "../../src/store/run-queue.ts";
import { findRun } from "../../src/store/runs.ts";
import { openTestStore } from "../support/store.ts";

const SUCCESS: Outcome = { status: "succeeded", exitCode: 0, signal: null, reason: null };

/** A store in which `w1` holds the run 1, from 1,000 on, until 16,000. */
async function setUp(t: TestContext) {
  const store = await openTestStore(t);
  await store.queueRun();
  const [run] = await store.claim({ now: 1_000, leaseMs: 15_000 });
  assert.ok(run);
  const row = async () =>
    store.db.selectFrom("runs").selectAll().where("id", "=", 1).executeTakeFirstOrThrow();
  return { store, db: store.db, held: { ...run, worker: "w1" }, row };
}

describe("finishing a run", () => {
  it("writes how it ended and gives the lease back", async (t) => {
    const { db, held, row } = await setUp(t);
    const outcome: Outcome = { status: "failed", exitCode: null, signal: "SIGKILL", reason: "timed out" };
    assert.equal(await finishRun(db, held, outcome, 9_000), true);
    const { status, signal, reason, finished_at, worker, lease_until, attempt } = await row();
    assert.deepEqual(
      [status, signal, reason, finished_at, worker, lease_until, attempt],
      ["failed", "SIGKILL", "timed out", 9_000, null, null, 1],
    );
  });

  for (const [what, change] of [
    ["a worker that does not hold it", { worker: "w2" }],
    ["an attempt that is over", { attempt: 0 }],
    ["an attempt that is yet to come", { attempt: 2, pushedAt: null }],
    ["another run", { id: 2 }],
  ] as const) {
    it(`writes nothing for ${what}`, async (t) => {
      const { db, held, row } = await setUp(t);
      const before = await row();
      assert.equal(await finishRun(db, { ...held, ...change }, SUCCESS, 9_000), false);
      assert.equal(await handBackRun(db, { ...held, ...change }, 9_000), false);
      assert.deepEqual(await row(), before);
    });
  }

  it("writes nothing for a worker that has lost its lease, not even the same one in a later attempt", async (t) => {
    const { store, db, held, row } = await setUp(t);
    assert.equal(await rescueRuns(db, 20_000, []), 1);
    assert.equal(await finishRun(db, held, SUCCESS, 20_001), false);
    await store.claim({ now: 20_002, worker: "w1" });
    assert.equal(await finishRun(db, held, SUCCESS, 20_003), false);
    assert.equal((await row()).status, "running");
    assert.equal(await finishRun(db, { ...held, attempt: 2 }, SUCCESS, 20_004), true);
    assert.equal(
      await finishRun(db, { ...held, attempt: 2 }, { ...SUCCESS, status: "failed" }, 20_005),
      false,
    );
    assert.equal((await row()).status, "succeeded");
  });
});

describe("extending leases", () => {
  it("moves the end of every lease of the worker, and tells which runs it still holds", async (t) => {
    const { store, db, row } = await setUp(t);
    await store.queueRun("other");
    await store.claim({ worker: "w2", hooks: ["other"] });
    assert.deepEqual(await extendLeases(db, "w1", 99_000), new Set([1]));
    assert.equal((await row()).lease_until, 99_000);
    assert.equal(await rescueRuns(db, 98_000, []), 1, "the other worker's lease has ended");
    assert.deepEqual(await extendLeases(db, "w2", 99_000), new Set());
  });
});

describe("rescuing runs", () => {
  it("queues a run again whose lease has ended", async (t) => {
    const { db, row } = await setUp(t);
    assert.equal(await rescueRuns(db, 16_000, []), 0, "it ends after this moment");
    assert.equal(await rescueRuns(db, 16_001, []), 1);
    const { status, due_at, interruptions, reason, worker } = await row();
    assert.deepEqual(
      [status, due_at, interruptions, reason, worker],
      ["queued", 16_001, 1, "interrupted: its worker was gone", null],
    );
  });

  it("queues a run again at once when its worker is known to be dead, and leaves the others'", async (t) => {
    const { store, db, row } = await setUp(t);
    await store.queueRun();
    await store.claim({ worker: "w2" });
    assert.deepEqual((await workersWithRuns(db)).sort(), ["w1", "w2"]);
    assert.equal(await rescueRuns(db, 1_001, ["w1", "w9"]), 1);
    assert.equal((await row()).status, "queued");
    assert.equal((await findRun(db, 2))?.status, "running");
    assert.deepEqual(await workersWithRuns(db), ["w2"]);
  });

  it("lets a run that is interrupted for the third time end as failed, without another attempt", async (t) => {
    const { store, db } = await setUp(t);
    for (let times = 1; times < MAX_INTERRUPTIONS; times++) {
      await rescueRuns(db, times * 100_000, []);
      const [again] = await store.claim({ now: times * 100_000 });
      assert.deepEqual([again?.ending, again?.interruptions], [null, times]);
    }
    await rescueRuns(db, 900_000, []);
    const [last] = await store.claim({ now: 1_000_000 });
    assert.ok(last);
    const reason = "interrupted 3 times: its worker was gone";
    assert.deepEqual(last.ending, { status: "failed", exitCode: null, signal: null, reason });
    // A worker that performs the hook's `on-failure` can be gone as well.
    await rescueRuns(db, 2_000_000, []);
    const [again] = await store.claim({ now: 2_000_000 });
    assert.deepEqual([again?.ending, again?.interruptions], [last.ending, 4]);
  });

  it("lets a run that somebody wanted to end, end as cancelled", async (t) => {
    const { store, db } = await setUp(t);
    await db.updateTable("runs").set({ cancel_reason: "enough" }).execute();
    await rescueRuns(db, 100_000, []);
    const [run] = await store.claim({ now: 100_000 });
    assert.deepEqual(run?.ending, { status: "cancelled", exitCode: null, signal: null, reason: "enough" });
  });

  it("leaves queued and ended runs alone", async (t) => {
    const { store, db, held } = await setUp(t);
    await finishRun(db, held, SUCCESS, 2_000);
    await store.queueRun();
    assert.equal(await rescueRuns(db, 1e12, ["w1"]), 0);
  });
});

describe("handing a run back", () => {
  it("queues it for the next worker at once, and counts as no interruption", async (t) => {
    const { store, db, held, row } = await setUp(t);
    assert.equal(await handBackRun(db, held, 2_000), true);
    const { status, due_at, interruptions, reason, worker, lease_until } = await row();
    assert.deepEqual(
      [status, due_at, interruptions, reason, worker, lease_until],
      ["queued", 2_000, 0, "handed back by a stopping server", null, null],
    );
    assert.deepEqual(await store.claim({ now: 2_000, worker: "w2" }), [
      {
        id: 1,
        deliveryId: 1,
        hook: "deploy",
        attempt: 2,
        pushedAt: null,
        newerRun: null,
        failures: 0,
        interruptions: 0,
        ending: null,
        about: null,
      },
    ]);
  });

  it("can happen more often than three times", async (t) => {
    const { store, db, held, row } = await setUp(t);
    for (let attempt = 1; attempt <= 5; attempt++) {
      assert.equal(await handBackRun(db, { ...held, attempt }, 2_000), true);
      await store.claim({ now: 2_000 });
    }
    assert.deepEqual([(await row()).status, (await row()).attempt], ["running", 6]);
  });
});

describe("lastSuccess", () => {
  it("is the commit of this hook's last success on this repository and ref", async (t) => {
    const store = await openTestStore(t);
    const run = async (
      status: Outcome["status"],
      hook: string,
      sha: string,
      ref: string,
      repository = "acme/site",
      source = "github",
    ) => {
      await store.queueRun(hook, { sha, ref, repository, source });
      const [claimed] = await store.claim({ hooks: [hook] });
      assert.ok(claimed);
      await finishRun(store.db, { ...claimed, worker: "w1" }, { ...SUCCESS, status }, 2_000);
    };
    await run("succeeded", "deploy", "1", "refs/heads/main");
    await run("succeeded", "deploy", "2", "refs/heads/main");
    await run("failed", "deploy", "3", "refs/heads/main");
    await run("succeeded", "deploy", "4", "refs/heads/dev");
    await run("succeeded", "deploy", "5", "refs/heads/main", "acme/other");
    await run("succeeded", "other", "6", "refs/heads/main");
    await run("succeeded", "deploy", "7", "refs/heads/main", "acme/site", "elsewhere");
    const last = async (hook: string, repository: string | null, ref: string | null) =>
      (await lastSuccess(store.db, hook, { source: "github", repository, ref }))?.sha ?? null;
    assert.equal(await last("deploy", "acme/site", "refs/heads/main"), "2");
    assert.equal(await last("deploy", "acme/site", "refs/heads/dev"), "4");
    assert.equal(await last("deploy", "acme/site", "refs/heads/new"), null);
    assert.equal(await last("other", "acme/site", "refs/heads/main"), "6");
    assert.equal(await last("deploy", null, null), null);
  });
});
