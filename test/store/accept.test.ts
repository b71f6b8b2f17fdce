import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { acceptGroup } from "../../src/store/accept.ts";
import { findDelivery, readContents } from "../../src/store/deliveries.ts";
import { decodeGuid } from "../../src/store/guid.ts";
import { finishRun } from "../../src/store/run-ends.ts";
import { claimRuns, hasDueRuns } from "../../src/store/run-queue.ts";
import { findRun } from "../../src/store/runs.ts";
import { secretUses } from "../../src/store/secrets.ts";
import { type ArrivalChanges, count, openTestStore, type TestStore } from "../support/store.ts";

const acceptAll = ({ db, arrival }: TestStore, ...changes: ArrivalChanges[]) =>
  acceptGroup(db, changes.map(arrival));

/** Lets the one run that is due end as failed. */
async function failRun(store: TestStore): Promise<void> {
  const [run] = await store.claim();
  assert.ok(run);
  const outcome = { status: "failed", exitCode: 1, signal: null, reason: null } as const;
  assert.ok(await finishRun(store.db, { ...run, worker: "w1" }, outcome, 2_000));
}

describe("accepting a delivery", () => {
  it("stores all that is known of it, and the bytes", async (t) => {
    const store = await openTestStore(t);
    const guid = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
    const { delivery, ...rest } = await store.accept({
      guid,
      action: "opened",
      body: "\uFEFF{}\n",
      headers: [["a", "b"]],
    });
    assert.deepEqual(rest, { duplicate: false, replayed: false, runs: [] });
    assert.deepEqual(await findDelivery(store.db, delivery), {
      id: delivery,
      guid,
      source: "github",
      webhookId: 1001,
      event: "push",
      action: "opened",
      repository: "acme/site",
      ref: "refs/heads/main",
      sha: "a".repeat(40),
      sender: "alice",
      receivedAt: 1_000,
      size: 6,
      replayed: false,
      client: "140.82.112.1",
      secret: "only",
      runs: [],
    });
    assert.deepEqual(await readContents(store.db, delivery), {
      headers: [["a", "b"]],
      body: Buffer.from("\uFEFF{}\n"),
    });
  });

  it("starts a run of every hook that it is for, in their order", async (t) => {
    const store = await openTestStore(t);
    const { delivery, runs } = await store.accept({ hooks: ["z", "a", "m"] });
    const found = await Promise.all(runs.map((id) => findRun(store.db, id)));
    assert.deepEqual(
      found.map((run) => run && [run.hook, run.status, run.deliveryId, run.attempt, run.queuedAt]),
      ["z", "a", "m"].map((hook) => [hook, "queued", delivery, 0, 1_000]),
    );
  });

  it("makes its runs due from the moment of insertion (story 31)", async (t) => {
    const store = await openTestStore(t);
    await store.queueRun("deploy", { receivedAt: 5_000 });
    assert.equal(await hasDueRuns(store.db, ["deploy"], 4_999), false);
    assert.equal(await hasDueRuns(store.db, ["deploy"], 5_000), true);
    const claim = { worker: "w", hooks: ["deploy"], limit: 1, now: 5_000, leaseMs: 1 };
    assert.equal((await claimRuns(store.db, claim)).length, 1);
  });

  it("notes when each secret was last used", async (t) => {
    const store = await openTestStore(t);
    await acceptAll(
      store,
      { secret: "old", receivedAt: 1 },
      { secret: "new", receivedAt: 2 },
      { secret: "old", receivedAt: 3 },
      { secret: "old", receivedAt: 9, source: "other" },
      { secret: null, receivedAt: 4 },
    );
    await store.accept({ secret: "new", receivedAt: 5 });
    assert.deepEqual([...(await secretUses(store.db, "github"))].sort(), [
      ["new", 5],
      ["old", 3],
    ]);
  });
});

describe("accepting a group", () => {
  it("answers each in its order, with its own runs", async (t) => {
    const store = await openTestStore(t);
    const changes = Array.from({ length: 64 }, (_, index) => ({
      hooks: Array.from({ length: index % 5 }, (_, n) => `hook-${n}`),
      event: `event_${index}`,
    }));
    const acceptances = await acceptAll(store, ...changes);
    for (const [index, { delivery, runs }] of acceptances.entries()) {
      const found = await findDelivery(store.db, delivery);
      assert.equal(found?.event, `event_${index}`);
      assert.deepEqual(
        found.runs.map(({ id }) => id),
        runs,
      );
      assert.deepEqual(
        found.runs.map(({ hook }) => hook),
        changes[index]?.hooks,
      );
    }
  });

  it("takes the first of equal copies for the delivery, the others for its duplicates", async (t) => {
    const store = await openTestStore(t);
    const copy = { guid: "same", body: "same", hooks: ["deploy"] };
    const acceptances = await acceptAll(store, {}, ...Array(50).fill(copy), {});
    const [first, ...others] = acceptances.slice(1, -1);
    assert.deepEqual([first?.duplicate, first?.runs.length], [false, 1]);
    for (const other of others) {
      assert.deepEqual(other, { delivery: first?.delivery, duplicate: true, replayed: false, runs: [] });
    }
    assert.deepEqual([await count(store.db, "deliveries"), await count(store.db, "runs")], [3, 1]);
  });

  it("is all or nothing", async (t) => {
    const store = await openTestStore(t);
    await assert.rejects(acceptAll(store, { hooks: ["deploy"] }, { event: "" }), /check constraint/i);
    for (const table of ["deliveries", "runs", "bodies_seen"] as const) {
      assert.equal(await count(store.db, table), 0, table);
    }
    assert.equal(
      (await acceptAll(store, { hooks: ["deploy"] })).length,
      1,
      "the store can be used afterwards",
    );
  });
});

describe("accepting a delivery again", () => {
  it("is a duplicate with the same source, webhook and GUID, whatever else it says", async (t) => {
    const store = await openTestStore(t);
    const first = await store.accept({ guid: "g", hooks: ["deploy"] });
    const again = await store.accept({
      guid: "g",
      event: "issues",
      body: "other",
      hooks: ["other"],
      loadedHooks: ["deploy", "other"],
    });
    assert.deepEqual(again, { delivery: first.delivery, duplicate: true, replayed: false, runs: [] });
    assert.equal((await findDelivery(store.db, first.delivery))?.event, "push");
    assert.equal(await count(store.db, "runs"), 1);
  });

  for (const [what, change] of [
    ["webhook", { webhookId: 2 }],
    ["source", { source: "other" }],
    ["spelling of the GUID", { guid: "72D3162E-CC78-11E3-81AB-4C9367DC0958" }],
  ] as const) {
    it(`is another delivery with another ${what}`, async (t) => {
      const store = await openTestStore(t);
      const same = { guid: "72d3162e-cc78-11e3-81ab-4c9367dc0958", hooks: ["deploy"] };
      const [first, second] = await acceptAll(store, same, { ...same, ...change });
      assert.deepEqual([first?.duplicate, second?.duplicate], [false, false]);
      assert.notEqual(first?.delivery, second?.delivery);
      assert.equal(await count(store.db, "runs"), 2);
    });
  }

  it("starts a run for a hook whose last run failed, and tells which run that was", async (t) => {
    const store = await openTestStore(t);
    const first = await store.accept({ guid: "g", hooks: ["deploy"] });
    await failRun(store);
    const again = await store.accept({ guid: "g", loadedHooks: ["deploy"], receivedAt: 3_000 });
    assert.deepEqual([again.delivery, again.duplicate, again.runs.length], [first.delivery, true, 1]);
    const run = await findRun(store.db, again.runs[0] ?? 0);
    assert.deepEqual([run?.status, run?.retryOf, run?.queuedAt], ["queued", first.runs[0], 3_000]);
  });

  it("starts one such run, however many copies come in at once", async (t) => {
    const store = await openTestStore(t);
    const copy = { guid: "g", hooks: ["deploy"], body: "same" };
    await store.accept(copy);
    await failRun(store);
    const started = (await acceptAll(store, ...Array(20).fill(copy))).map(({ runs }) => runs.length);
    assert.deepEqual(started, [1, ...Array(19).fill(0)]);
  });

  for (const status of ["queued", "running", "succeeded", "cancelled", "skipped"] as const) {
    it(`starts nothing for a hook whose last run is ${status}`, async (t) => {
      const store = await openTestStore(t);
      await store.accept({ guid: "g", hooks: ["deploy"] });
      await failRun(store);
      await store.accept({ guid: "g", loadedHooks: ["deploy"] });
      const isLive = status === "queued" || status === "running";
      await store.db
        .updateTable("runs")
        .set({
          status,
          finished_at: isLive ? null : 1,
          ...(status === "running" && { worker: "w", lease_until: 1, attempt: 1, started_at: 1 }),
        })
        .where("id", "=", 2)
        .execute();
      assert.deepEqual((await store.accept({ guid: "g", loadedHooks: ["deploy"] })).runs, []);
      assert.equal(await count(store.db, "runs"), 2);
    });
  }

  it("starts nothing for a hook that is gone, and nothing for one that was added since", async (t) => {
    const store = await openTestStore(t);
    await store.accept({ guid: "g", hooks: ["deploy"] });
    await failRun(store);
    assert.deepEqual((await store.accept({ guid: "g", hooks: ["new"], loadedHooks: ["new"] })).runs, []);
  });
});

describe("accepting a body that was seen before", () => {
  it("holds it back under another GUID or webhook id: stored, and no run", async (t) => {
    const store = await openTestStore(t);
    await store.accept({ body: "same", hooks: ["deploy"] });
    for (const change of [{ guid: "other" }, { guid: "another", webhookId: 2 }]) {
      const replay = await store.accept({ body: "same", hooks: ["deploy"], ...change });
      assert.deepEqual([replay.duplicate, replay.replayed, replay.runs], [false, true, []]);
      assert.equal((await findDelivery(store.db, replay.delivery))?.replayed, true);
    }
  });

  it("holds it back within the group as well: only the first of it runs", async (t) => {
    const store = await openTestStore(t);
    const same = { body: "same", hooks: ["deploy"] };
    const acceptances = await acceptAll(
      store,
      { ...same, guid: "a" },
      { ...same, guid: "b" },
      { ...same, guid: "a" },
      { ...same, guid: "c" },
    );
    assert.deepEqual(
      acceptances.map(({ duplicate, replayed, runs }) => [duplicate, replayed, runs.length]),
      [
        [false, false, 1],
        [false, true, 0],
        [true, false, 0],
        [false, true, 0],
      ],
    );
    const guids = await store.db.selectFrom("deliveries").select("guid").orderBy("id").execute();
    assert.deepEqual(
      guids.map(({ guid }) => decodeGuid(guid)),
      ["a", "b", "c"],
    );
  });

  it("lets it run where replays are not to be held", async (t) => {
    const store = await openTestStore(t);
    const acceptances = await acceptAll(
      store,
      ...Array(3).fill({ body: "same", hooks: ["deploy"], holdReplays: false }),
    );
    assert.deepEqual(
      acceptances.map(({ replayed, runs }) => [replayed, runs.length]),
      Array(3).fill([false, 1]),
    );
  });

  it("does not hold what only another source has seen", async (t) => {
    const store = await openTestStore(t);
    const [, other] = await acceptAll(
      store,
      { body: "same" },
      { body: "same", source: "other", hooks: ["deploy"] },
    );
    assert.deepEqual([other?.replayed, other?.runs.length], [false, 1]);
  });

  it("does not hold what no secret has verified: anybody could have sent the first", async (t) => {
    const store = await openTestStore(t);
    const unsigned = { body: "same", secret: null, hooks: ["deploy"] };
    const acceptances = await acceptAll(store, unsigned, unsigned, { ...unsigned, secret: "only" });
    assert.deepEqual(
      acceptances.map(({ replayed }) => replayed),
      [false, false, false],
    );
    assert.equal(await count(store.db, "bodies_seen"), 1);
  });

  it("does not let a redelivery of what was held back run either", async (t) => {
    const store = await openTestStore(t);
    const same = { body: "same", hooks: ["deploy"] };
    await store.accept(same);
    await store.accept({ ...same, guid: "held" });
    const again = await store.accept({ ...same, guid: "held" });
    assert.deepEqual([again.duplicate, again.runs], [true, []]);
  });
});
