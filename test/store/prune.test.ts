import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { acceptGroup } from "../../src/store/accept.ts";
import { readContents } from "../../src/store/deliveries.ts";
import { appendOutput } from "../../src/store/output.ts";
import { pack } from "../../src/store/packing.ts";
import { countPrunable, prune } from "../../src/store/prune.ts";
import { keepRefusals } from "../../src/store/refusals.ts";
import type { Tables } from "../../src/store/tables.ts";
import { type ArrivalChanges, openTestStore, type TestStore } from "../support/store.ts";

const TABLES = [
  "deliveries",
  "packs",
  "runs",
  "output",
  "attempts",
  "answers",
  "summaries",
  "annotations",
] as const;

const ENDED = { reason: null, exit_code: 1, signal: null };
const NOWHERE = { title: null, file: null, line: null, end_line: null, col: null, end_column: null };

async function setUp(t: TestContext) {
  const store = await openTestStore(t);
  const db = store.db;
  /** All of a table, as plain rows. */
  const rows = async (table: keyof Tables) =>
    (await db.selectFrom(table).selectAll().execute()).map((row) => ({ ...row }));
  return {
    ...store,
    rows,
    counts: async () => {
      const counted = await Promise.all(TABLES.map(async (table) => [table, (await rows(table)).length]));
      return Object.fromEntries(counted.filter(([, count]) => count !== 0)) as Record<string, number>;
    },
    deliveries: async () =>
      (await db.selectFrom("deliveries").select("id").orderBy("id").execute()).map(({ id }) => id),
    /** A delivery with a run at its end that has left something in every table. */
    ended: async (receivedAt: number, changes: ArrivalChanges = {}) => {
      const run = await store.queueRun("deploy", { receivedAt, ...changes });
      await end(store, run);
      const of = { run_id: run, attempt: 1 };
      await appendOutput(db, [piece(run, 0), piece(run, 1)]);
      await db
        .insertInto("attempts")
        .values({ ...of, ...ENDED, outcome: "failed", started_at: 1, finished_at: 2 })
        .execute();
      await db
        .insertInto("answers")
        .values({ ...of, status: 200, headers: "[]", body: Buffer.from(""), truncated: 0 })
        .execute();
      await db
        .insertInto("summaries")
        .values({ ...of, markdown: "# Done" })
        .execute();
      await db
        .insertInto("annotations")
        .values({ ...of, ...NOWHERE, seq: 0, level: "notice", message: "x" })
        .execute();
      return run;
    },
    before: (time: number) => prune(store, { before: time, keepBytes: null }),
  };
}

function piece(runId: number, seq: number, bytes: Uint8Array = Buffer.from("text")) {
  return { runId, attempt: 1, seq, stream: "stdout", at: 1, bytes } as const;
}

async function end({ db }: Pick<TestStore, "db">, run: number): Promise<void> {
  const ended = { status: "succeeded", finished_at: 2, worker: null, lease_until: null } as const;
  await db.updateTable("runs").set(ended).where("id", "=", run).execute();
}

describe("pruning by age", () => {
  it("removes what is older, with all that hangs on it", async (t) => {
    const { ended, before, counts } = await setUp(t);
    await ended(1_000);
    await ended(2_000);
    const all = await counts();
    assert.deepEqual(await before(2_000), { deliveries: 1, runs: 1 });
    const half = Object.fromEntries(Object.entries(all).map(([table, count]) => [table, count / 2]));
    assert.deepEqual(await counts(), half);
    assert.deepEqual(await before(2_001), { deliveries: 1, runs: 1 });
    assert.deepEqual(await counts(), {});
  });

  it("leaves deliveries of which a run waits or is performed, and what comes after them goes all the same", async (t) => {
    const { db, ended, before, deliveries, queueRun, claim } = await setUp(t);
    await queueRun("deploy", { receivedAt: 1 });
    await queueRun("ci", { receivedAt: 2 });
    await claim({ limit: 1 });
    await ended(3);
    assert.deepEqual(await before(9_000), { deliveries: 1, runs: 1 });
    assert.deepEqual(await deliveries(), [1, 2]);
    await end({ db }, 1);
    await before(9_000);
    assert.deepEqual(await deliveries(), [2]);
  });

  it("removes deliveries that started nothing", async (t) => {
    const { accept, before, counts } = await setUp(t);
    await accept({ receivedAt: 1 });
    assert.deepEqual(await before(9_000), { deliveries: 1, runs: 0 });
    assert.deepEqual(await counts(), {});
  });

  it("keeps a pack for as long as one of its deliveries is there", async (t) => {
    const { db, arrival, dictionary, before, counts } = await setUp(t);
    const shared = pack(dictionary, [
      { headers: [], body: Buffer.from("first") },
      { headers: [], body: Buffer.from("second") },
    ]);
    const changes = { pack: shared, hooks: [] };
    await acceptGroup(db, [
      arrival({ ...changes, receivedAt: 1, body: "first" }),
      arrival({ ...changes, receivedAt: 5_000, packIndex: 1, body: "second" }),
    ]);
    await before(2_000);
    assert.deepEqual(await counts(), { deliveries: 1, packs: 1 });
    assert.equal((await readContents(db, 2))?.body.toString(), "second");
    await before(9_000);
    assert.deepEqual(await counts(), {});
  });

  it("is not stopped by one that a clock dated wrongly, nor by many that stay", async (t) => {
    const { accept, queueRun, before, deliveries } = await setUp(t);
    await accept({ receivedAt: 99_000 });
    for (let n = 0; n < 250; n++) await queueRun("deploy", { receivedAt: 1 });
    await accept({ receivedAt: 1 });
    assert.equal((await before(2_000)).deliveries, 1);
    assert.equal((await deliveries()).length, 251);
  });

  it("removes much output in parts, and all of it", async (t) => {
    const { db, queueRun, before, counts } = await setUp(t);
    const run = await queueRun("deploy", { receivedAt: 1 });
    const pieces = Array.from({ length: 1_200 }, (_, seq) => piece(run, seq, Buffer.alloc(2_000)));
    await appendOutput(db, pieces);
    await end({ db }, run);
    await before(9_000);
    assert.deepEqual(await counts(), {});
  });

  it("leaves what protects the door and orders pushes, and the refusals that are young enough", async (t) => {
    const { db, ended, before, rows } = await setUp(t);
    await ended(1);
    const ref = { hook: "deploy", source: "github", repository: "acme/site", ref: "refs/heads/main" };
    await db
      .insertInto("last_successes")
      .values({ ...ref, sha: "a", run_id: 1, delivery_id: 1, received_at: 1, pushed_at: null })
      .execute();
    await db
      .insertInto("hook_states")
      .values({ ...ref, status: "succeeded", run_id: 1 })
      .execute();
    const refusal = { source: null, code: "not_found", peer: null, event: null, guid: null, webhookId: null };
    await keepRefusals(db, [
      { ...refusal, at: 1 },
      { ...refusal, at: 5_000 },
    ]);
    const kept = ["bodies_seen", "secret_uses", "last_successes", "hook_states"] as const;
    const earlier = await Promise.all(kept.map(rows));
    await before(2_000);
    assert.deepEqual(await Promise.all(kept.map(rows)), earlier);
    assert.ok(earlier.every(({ length }) => length === 1));
    assert.deepEqual(
      (await rows("refusals")).map((row) => (row as { at: number }).at),
      [5_000],
    );
  });

  it("removes sets of hooks that no delivery refers to, but never the newest", async (t) => {
    const { db, arrival, before, rows } = await setUp(t);
    for (const digest of [1, 2, 3, 4])
      await db
        .insertInto("hook_sets")
        .values({ digest: Buffer.alloc(32, digest), content: Buffer.from("x") })
        .execute();
    await acceptGroup(db, [arrival({ receivedAt: 1 })], 1);
    await acceptGroup(db, [arrival({ receivedAt: 9_000 })], 2);
    await before(2_000);
    assert.deepEqual(
      (await rows("hook_sets")).map((row) => (row as { id: number }).id),
      [2, 4],
    );
  });

  it("makes a delivery that comes again a new one", async (t) => {
    const { accept, before } = await setUp(t);
    const guid = "11111111-1111-1111-1111-111111111111";
    await accept({ guid, receivedAt: 1 });
    await before(2_000);
    const { delivery, duplicate } = await accept({ guid, body: "the same again" });
    assert.deepEqual({ delivery, duplicate }, { delivery: 2, duplicate: false });
  });

  it("ends between two transactions when it is told to", async (t) => {
    const { accept, deliveries, ...store } = await setUp(t);
    for (let n = 0; n < 100; n++) await accept({ receivedAt: 1 });
    await prune(store, { before: 2_000, keepBytes: null, signal: AbortSignal.abort() });
    assert.equal((await deliveries()).length, 100);
  });
});

describe("what pruning would remove", () => {
  it("is counted without removing it", async (t) => {
    const { ended, queueRun, deliveries, ...store } = await setUp(t);
    await ended(1);
    await ended(2);
    await queueRun("deploy", { receivedAt: 3 });
    assert.deepEqual(await countPrunable(store, { before: 9_000, keepBytes: null }), {
      deliveries: 2,
      runs: 2,
    });
    assert.equal((await deliveries()).length, 3);
  });

  it("is estimated where it is a size that is to be kept", async (t) => {
    const { arrival, ...store } = await setUp(t);
    for (let n = 0; n < 200; n++)
      await acceptGroup(
        store.db,
        Array.from({ length: 5 }, () => arrival()),
      );
    const { usedBytes } = await store.size();
    const { deliveries } = await countPrunable(store, { before: null, keepBytes: usedBytes / 2 });
    assert.ok(deliveries >= 400 && deliveries <= 700, `${deliveries} deliveries`);
  });
});

describe("output of a run that has been pruned meanwhile", () => {
  it("is dropped, and the output of others is stored", async (t) => {
    const { db, queueRun, counts } = await setUp(t);
    const run = await queueRun();
    await appendOutput(db, [piece(99, 0), piece(run, 0)]);
    assert.equal((await counts()).output, 1);
  });
});
