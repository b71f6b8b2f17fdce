import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { toHookSet } from "../../src/config/hook-set.ts";
import { readContents } from "../../src/store/deliveries.ts";
import { type ArrivalToStore, DeliveryWriter, type WriterOptions } from "../../src/store/delivery-writer.ts";
import { findJudges } from "../../src/store/hook-sets.ts";
import { listRefusals, MAX_REFUSALS, type Refusal } from "../../src/store/refusals.ts";
import { StoreUnavailable } from "../../src/store/store-unavailable.ts";
import { pushHook } from "../support/receiver.ts";
import { type ArrivalChanges, count, openTestStore, type TestStore } from "../support/store.ts";
import { until } from "../support/until.ts";
import { commitsInLog } from "../support/wal.ts";

interface Setup {
  store: TestStore;
  writer: DeliveryWriter;
  /** What was logged. */
  troubles: string[];
  accept(changes?: ArrivalChanges): ReturnType<DeliveryWriter["accept"]>;
}

const OPTIONS = { minFreeDiskBytes: 0, maxQueued: 10_000, maintainedElsewhere: true, busyMs: 300 };

async function setUp(t: TestContext, options: Partial<WriterOptions> = {}): Promise<Setup> {
  const store = await openTestStore(t, { maintainedElsewhere: true });
  const troubles: string[] = [];
  const log = { warn: () => {}, error: (fields: object) => void troubles.push(JSON.stringify(fields)) };
  const writer = await DeliveryWriter.open({ ...OPTIONS, database: store.path, ...options }, log);
  t.after(() => writer.close());
  return { store, writer, troubles, accept: (changes) => writer.accept(toStore(store, changes)) };
}

const NO_HOOKS = toHookSet([]);

/** A delivery whose bytes are not prepared yet. */
function toStore(
  store: TestStore,
  { body = crypto.randomUUID(), headers = [], ...changes }: ArrivalChanges = {},
): ArrivalToStore {
  const { pack: _, packIndex: __, digest: ___, ...arrival } = store.arrival({ body, ...changes });
  return { arrival, contents: { headers, body: Buffer.from(body) }, hookSet: NO_HOOKS };
}

const refusal = (at: number): Refusal => ({
  at,
  source: "github",
  code: "not_found",
  peer: null,
  event: null,
  guid: null,
  webhookId: null,
});

describe("DeliveryWriter.accept", () => {
  it("stores a delivery, its bytes and its runs", async (t) => {
    const { store, accept } = await setUp(t);
    const { delivery, runs } = await accept({
      body: "{}\n",
      headers: [["x-github-event", "push"]],
      hooks: ["deploy"],
    });
    assert.equal(runs.length, 1);
    assert.deepEqual(await readContents(store.db, delivery), {
      headers: [["x-github-event", "push"]],
      body: Buffer.from("{}\n"),
    });
  });

  it("lets deliveries that come in together share a commit, and answers each with its own", async (t) => {
    const { store, accept } = await setUp(t);
    await accept(); // With it the hooks are stored.
    const before = commitsInLog(store.path);
    const acceptances = await Promise.all(
      Array.from({ length: 200 }, (_, index) => accept({ body: `body ${index}` })),
    );
    assert.equal(commitsInLog(store.path) - before, 5, "24, 24, 64, 64 and 24");
    assert.equal(new Set(acceptances.map(({ delivery }) => delivery)).size, 200);
    for (const [index, { delivery }] of acceptances.entries()) {
      assert.equal((await readContents(store.db, delivery))?.body.toString(), `body ${index}`);
    }
  });

  it("commits one that comes alone at once", async (t) => {
    const { store, accept } = await setUp(t);
    await accept(); // With it the hooks are stored.
    const before = commitsInLog(store.path);
    for (let i = 0; i < 3; i++) await accept();
    assert.equal(commitsInLog(store.path) - before, 3);
  });

  it("stores the hooks that judged once, as long as they stay the same", async (t) => {
    const { store, writer } = await setUp(t);
    const [one, other] = [toHookSet([pushHook("one")]), toHookSet([pushHook("other")])];
    const ids = [];
    for (const hookSet of [one, one, other, one]) {
      const { delivery } = await writer.accept({ ...toStore(store), hookSet });
      ids.push(await findJudges(store.db, delivery));
    }
    assert.deepEqual(ids, [one.hooks, one.hooks, other.hooks, one.hooks]);
    assert.equal((await store.db.selectFrom("hook_sets").select("id").execute()).length, 2);
  });

  it("judges none of those that wait by hooks that came later", async (t) => {
    const { store, writer } = await setUp(t);
    const sets = Array.from({ length: 6 }, (_, index) => toHookSet([pushHook(`hook-${index >> 1}`)]));
    const accepted = await Promise.all(
      sets.map(async (hookSet) => writer.accept({ ...toStore(store), hookSet })),
    );
    const judges = await Promise.all(accepted.map(({ delivery }) => findJudges(store.db, delivery)));
    assert.deepEqual(
      judges,
      sets.map(({ hooks }) => hooks),
    );
  });

  it("stores the hooks again when somebody has pruned them, with the delivery that finds it out", async (t) => {
    const { store, accept } = await setUp(t);
    const { delivery } = await accept();
    await store.db.deleteFrom("deliveries").where("id", "=", delivery).execute();
    await store.db.deleteFrom("hook_sets").execute();
    assert.deepEqual(await findJudges(store.db, (await accept()).delivery), []);
  });

  it("splits what is large into several commits", async (t) => {
    const { store, accept } = await setUp(t);
    await accept(); // With it the hooks are stored.
    const before = commitsInLog(store.path);
    const body = Buffer.alloc(3 * 1024 ** 2, "x");
    await Promise.all(Array.from({ length: 3 }, () => accept({ body })));
    assert.equal(commitsInLog(store.path) - before, 3);
  });

  it("does not let one bad delivery fail the others of its group", async (t) => {
    const { store, accept, troubles } = await setUp(t);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        accept({ body: `body ${index}`, ...(index === 7 && { event: "" }) }),
      ),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      results.map((_, index) => (index === 7 ? "rejected" : "fulfilled")),
    );
    for (const [index, result] of results.entries()) {
      if (result.status === "rejected") assert.ok(result.reason instanceof StoreUnavailable);
      else
        assert.equal((await readContents(store.db, result.value.delivery))?.body.toString(), `body ${index}`);
    }
    assert.equal(await count(store.db, "deliveries"), 19);
    assert.match(troubles.join(), /CHECK constraint failed/);
  });

  it("takes deliveries that somebody else packed among the others", async (t) => {
    const { store, writer, accept } = await setUp(t);
    const { pack, packIndex: _, digest, ...arrival } = store.arrival({ body: "packed elsewhere" });
    const bad = accept({ event: "" });
    const [before, between, after] = await Promise.all([
      accept({ body: "before" }),
      writer.accept({ arrival, contents: { pack, digest }, hookSet: NO_HOOKS }),
      accept({ body: "after" }),
      bad.catch(() => undefined),
    ]);
    const bodies = [before, between, after].map(async ({ delivery }) =>
      (await readContents(store.db, delivery))?.body.toString(),
    );
    assert.deepEqual(await Promise.all(bodies), ["before", "packed elsewhere", "after"]);
    await assert.rejects(bad, StoreUnavailable);
  });

  it("starts one run for fifty copies at once", async (t) => {
    const { store, accept } = await setUp(t);
    const copy = { guid: "same", body: "same", hooks: ["deploy"] };
    const acceptances = await Promise.all(Array.from({ length: 50 }, () => accept(copy)));
    assert.equal(acceptances.flatMap(({ runs }) => runs).length, 1);
    assert.deepEqual([await count(store.db, "deliveries"), await count(store.db, "runs")], [1, 1]);
  });

  it("stores nothing while somebody else holds the lock, says so, and goes on afterwards", async (t) => {
    const { store, accept, troubles } = await setUp(t);
    const other = new DatabaseSync(store.path);
    t.after(() => other.close());
    other.exec("begin immediate");
    await assert.rejects(
      accept({ guid: "g", hooks: ["deploy"] }),
      new StoreUnavailable("database is locked"),
    );
    other.exec("rollback");
    assert.equal(await count(store.db, "deliveries"), 0);
    assert.match(troubles.join(), /database is locked/);
    assert.equal((await accept({ guid: "g", hooks: ["deploy"] })).duplicate, false);
  });

  it("waits for a lock that is given back in time", async (t) => {
    const { store, accept } = await setUp(t, { busyMs: 20_000 });
    const other = new DatabaseSync(store.path);
    t.after(() => other.close());
    other.exec("begin immediate; insert into secret_uses values ('x', 'x', 1)");
    const accepted = accept();
    await new Promise((resolve) => setImmediate(resolve));
    other.exec("commit");
    assert.equal((await accepted).duplicate, false);
  });

  it("stores nothing when the disk has less than `min-free-disk` left", async (t) => {
    const { store, accept, troubles } = await setUp(t, { minFreeDiskBytes: Number.MAX_SAFE_INTEGER });
    const results = await Promise.allSettled([accept(), accept()]);
    for (const result of results) {
      assert.ok(result.status === "rejected");
      assert.deepEqual(
        result.reason,
        new StoreUnavailable("the disk has less free space than `min-free-disk`"),
      );
    }
    assert.equal(await count(store.db, "deliveries"), 0);
    assert.equal(troubles.length, 1, "once for the group");
  });
});

describe("DeliveryWriter.close", () => {
  it("stores what is waiting before it ends", async (t) => {
    const { store, writer, accept } = await setUp(t);
    const accepted = Array.from({ length: 300 }, () => accept());
    writer.refuse(refusal(1));
    await writer.close();
    assert.equal((await Promise.all(accepted)).length, 300);
    assert.equal(await count(store.db, "deliveries"), 300);
    assert.equal((await listRefusals(store.db, 10)).length, 1);
  });

  it("is the end: nothing is taken any more, and closing again does no harm", async (t) => {
    const { store, writer, accept } = await setUp(t);
    await writer.close();
    await assert.rejects(accept(), StoreUnavailable);
    await writer.close();
    assert.equal(await count(store.db, "deliveries"), 0);
  });

  it("is not needed for a refusal to be stored", async (t) => {
    const { store, writer } = await setUp(t);
    writer.refuse(refusal(7));
    await until("the refusal is stored", async () => (await listRefusals(store.db, 1)).length === 1);
  });
});

describe("DeliveryWriter.refuse", () => {
  it("keeps the last thousand of a flood", async (t) => {
    const { store, writer } = await setUp(t);
    for (let at = 1; at <= MAX_REFUSALS + 500; at++) writer.refuse(refusal(at));
    await writer.close();
    const kept = await listRefusals(store.db, 10_000);
    assert.deepEqual([kept.length, kept[0]?.at, kept.at(-1)?.at], [1_000, 1_500, 501]);
  });
});

describe("DeliveryWriter.forgetBodies", () => {
  it("lets bodies come again that only a removed secret has verified", async (t) => {
    const { store, writer, accept } = await setUp(t);
    await accept({ body: "old", secret: "old" });
    await accept({ body: "new", secret: "new" });
    writer.forgetBodies("github", ["new"]);
    const replays = await Promise.all([
      accept({ body: "old", secret: "new" }),
      accept({ body: "new", secret: "new" }),
    ]);
    assert.deepEqual(
      replays.map(({ replayed }) => replayed),
      [false, true],
    );
    const rows = await store.db.selectFrom("bodies_seen").select("secret").execute();
    assert.ok(rows.every(({ secret }) => secret === "new"));
  });
});

describe("DeliveryWriter.open", () => {
  it("fails when the database cannot be opened", async (t) => {
    const { store } = await setUp(t);
    await store.db.insertInto("schema_migrations").values({ name: "0999_later", applied_at: 1 }).execute();
    const log = { warn: () => {}, error: () => {} };
    await assert.rejects(DeliveryWriter.open({ ...OPTIONS, database: store.path }, log), /newer Longshore/);
  });
});
