import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { RunGroup } from "../../src/match/concurrency.ts";
import { acceptGroup } from "../../src/store/accept.ts";
import { QueueLimit } from "../../src/store/queue-limit.ts";
import { replayDelivery } from "../../src/store/replay.ts";
import { findRun } from "../../src/store/runs.ts";
import { type ArrivalChanges, openTestStore } from "../support/store.ts";

async function setUp(t: TestContext, maxQueued: number) {
  const store = await openTestStore(t);
  const told: string[] = [];
  const limit = new QueueLimit(maxQueued, (hook) => void told.push(hook));
  const statuses = async (runs: readonly number[]) =>
    Promise.all(runs.map(async (run) => (await findRun(store.db, run))?.status));
  return {
    store,
    limit,
    told,
    /** Accepts these together; the status of every run. */
    accept: async (...changes: ArrivalChanges[]) => {
      const arrivals = changes.map((change) => store.arrival({ hooks: ["deploy"], ...change }));
      const acceptances = await acceptGroup(store.db, arrivals, null, { limit });
      return statuses(acceptances.flatMap(({ runs }) => runs));
    },
    reasonOf: async (run: number) => (await findRun(store.db, run))?.reason,
    count: async (status: "queued" | "cancelled") =>
      (await store.db.selectFrom("runs").select("id").where("status", "=", status).execute()).length,
  };
}

describe("a run that finds the queue of its hook full", () => {
  it("is stored as cancelled with the reason, and its delivery as ever", async (t) => {
    const { accept, reasonOf, store } = await setUp(t, 2);
    assert.deepEqual(await accept({}, {}, {}), ["queued", "queued", "cancelled"]);
    assert.deepEqual(await accept({}), ["cancelled"]);
    assert.equal(await reasonOf(3), "2 runs of this hook are waiting already (`max-queued`)");
    const { finishedAt, startedAt, attempt } = (await findRun(store.db, 3)) ?? {};
    assert.deepEqual([finishedAt, startedAt, attempt], [1_000, null, 0]);
    assert.equal((await store.db.selectFrom("deliveries").select("id").execute()).length, 4);
  });

  it("takes no room from other hooks, also of the same delivery", async (t) => {
    const { accept } = await setUp(t, 1);
    await accept({});
    assert.deepEqual(await accept({ hooks: ["deploy", "ci"] }), ["cancelled", "queued"]);
  });

  it("finds room again when one that waited has been claimed", async (t) => {
    const { accept, store } = await setUp(t, 1);
    assert.deepEqual([...(await accept({})), ...(await accept({}))], ["queued", "cancelled"]);
    await store.claim();
    assert.deepEqual([...(await accept({})), ...(await accept({}))], ["queued", "cancelled"]);
  });

  it("is counted from what was there before, whoever stored it", async (t) => {
    const { accept, store } = await setUp(t, 2);
    await store.queueRun();
    assert.deepEqual(await accept({}), ["queued"]);
    assert.deepEqual(await accept({}), ["cancelled"]);
  });

  it("is cancelled when it is a redelivery's, too", async (t) => {
    const { accept, store } = await setUp(t, 1);
    const guid = "11111111-1111-1111-1111-111111111111";
    await accept({ guid });
    await store.db.updateTable("runs").set({ status: "failed", finished_at: 1 }).execute();
    await accept({});
    assert.deepEqual(await accept({ guid }), ["cancelled"]);
  });

  it("is cancelled when it is a replay's, too", async (t) => {
    const { accept, store, reasonOf } = await setUp(t, 1);
    await accept({});
    const { delivery } = await store.accept();
    const replay = { hooks: [{ hook: "deploy" }], pushedAt: null, force: false, askedBy: "me", now: 1 };
    const { runs } = await replayDelivery(store.db, { delivery, ...replay }, new QueueLimit(1));
    assert.match((await reasonOf(runs[0]?.run ?? 0)) ?? "", /max-queued/);
    assert.match(runs[0]?.cancelled ?? "", /max-queued/);
  });

  it("does not supersede what waits in its group, nor ends what is performed", async (t) => {
    const { accept, store } = await setUp(t, 1);
    const group: RunGroup = { name: "g", queue: "single", cancelsRunning: true };
    await accept({ groups: { deploy: group } });
    await store.claim();
    await accept({});
    assert.deepEqual(await accept({ groups: { deploy: group } }), ["cancelled"]);
    const { cancel_reason } = await store.db
      .selectFrom("runs")
      .select("cancel_reason")
      .where("id", "=", 1)
      .executeTakeFirstOrThrow();
    assert.equal(cancel_reason, null);
  });

  it("is taken when it replaces one that waits: the newest push ends deployed", async (t) => {
    const { accept, count, reasonOf } = await setUp(t, 1);
    const groups = { deploy: { name: "g", queue: "single", cancelsRunning: false } as const };
    await accept({ groups });
    assert.deepEqual(await accept({ groups }), ["queued"]);
    assert.deepEqual(await accept({ groups }, { groups }), ["cancelled", "queued"]);
    assert.equal(await count("queued"), 1);
    assert.equal(await reasonOf(3), "superseded by run 4");
  });

  it("is told of once", async (t) => {
    const { accept, told } = await setUp(t, 1);
    await accept({}, {}, {});
    await accept({});
    assert.deepEqual(told, ["deploy"]);
  });
});

describe("the limit of a long queue", () => {
  it("is kept to a hundredth, also when others store runs at the same time", async (t) => {
    const { accept, count, store } = await setUp(t, 1_000);
    const many = Array.from({ length: 50 }, () => ({}));
    for (let group = 0; group < 10; group++) await accept(...many);
    for (let run = 0; run < 30; run++) await store.queueRun();
    for (let group = 0; group < 15; group++) await accept(...many);
    const queued = await count("queued");
    assert.ok(queued >= 1_000 && queued <= 1_000 + 30 + 10, `${queued} wait`);
  });

  it("is not counted at every accept", async (t) => {
    const { accept, count, store } = await setUp(t, 1_000);
    await accept({});
    // Nobody can store rows like these; whoever counted would find the queue full.
    const rows = Array.from({ length: 500 }, () => ({
      delivery_id: 1,
      hook: "deploy",
      status: "queued" as const,
      queued_at: 1,
      due_at: 1,
    }));
    await store.db.schema.dropIndex("one_live_run").execute();
    await store.db.insertInto("runs").values(rows).execute();
    await store.db.insertInto("runs").values(rows).execute();
    assert.deepEqual(await accept({}), ["queued"]);
    assert.equal(await count("cancelled"), 0);
  });
});
