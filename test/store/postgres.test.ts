/** What only PostgreSQL has: others that write at the same moment, a network in between, and words between connections. */
import assert from "node:assert/strict";
import { Transform } from "node:stream";
import { after, describe, it, type TestContext } from "node:test";
import { sql } from "kysely";
import { UserError } from "../../src/config/problem.ts";
import { acceptGroup } from "../../src/store/accept.ts";
import { listDeliveries } from "../../src/store/deliveries.ts";
import { isStorageFault } from "../../src/store/faults.ts";
import { keepHookSet } from "../../src/store/hook-sets.ts";
import { finishRun } from "../../src/store/run-ends.ts";
import { claimRuns } from "../../src/store/run-queue.ts";
import { listRuns } from "../../src/store/runs.ts";
import { openStore, type Store, type StoreOptions } from "../../src/store/store.ts";
import { networkTo } from "../support/network.ts";
import { createDatabase, startPostgres } from "../support/postgres.ts";
import { arrivalFor, hasHeardEverything } from "../support/store.ts";
import { until } from "../support/until.ts";

const postgres = await startPostgres({ after });
const ALL = { limit: 1_000 };

/** Stores with connections of their own to one new database, as those of several machines. */
async function openStores(t: TestContext, count: number, options: StoreOptions = {}) {
  const url = await createDatabase(postgres.url);
  const stores = await Promise.all(Array.from({ length: count }, () => openStore(url, options)));
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const [first] = stores as [Store];
  return { url, stores, first };
}

/** Does it in all of them at the same time. */
function inAll<T>(
  stores: readonly Store[],
  action: (store: Store, index: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(stores.map(action));
}

describe("opening a store on PostgreSQL", () => {
  it("migrates a database once, however many open it at once", async (t) => {
    const { stores } = await openStores(t, 6);
    const applied = await inAll(stores, ({ db }) =>
      db.selectFrom("schema_migrations").select("name").execute(),
    );
    for (const names of applied) assert.deepEqual(names, applied[0]);
  });

  it("says what is wrong, and never the password", async () => {
    const url = new URL(postgres.url);
    url.password = "not-the-one";
    await assert.rejects(openStore(url.href), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /^The database postgres:\/\/postgres:\*\*\*@127\.0\.0\.1:\d+\/postgres cannot be used: password authentication failed/,
      );
      assert.doesNotMatch(error.stack ?? "", /not-the-one/);
      return true;
    });
    await assert.rejects(openStore("postgres://127.0.0.1:9/x"), /cannot be used: connect ECONNREFUSED/);
  });
});

describe("stores on PostgreSQL that work at the same time", () => {
  it("store the same delivery once, with one run", async (t) => {
    const { stores, first } = await openStores(t, 5);
    const arrival = { guid: "72d3162e-cc78-11e3-81ab-4c9367dc0958", body: "{}", hooks: ["deploy"] };
    const results = await inAll(stores, async (store) => {
      const copies = Array.from({ length: 10 }, () => arrivalFor(store, arrival));
      return Promise.all(copies.map((copy) => acceptGroup(store.db, [copy])));
    });
    assert.equal(results.flat(2).filter(({ duplicate }) => !duplicate).length, 1);
    assert.equal((await listDeliveries(first.db, {}, ALL)).length, 1);
    assert.equal((await listRuns(first.db, {}, ALL)).length, 1);
  });

  it("start a failed run once more, when its delivery comes again to all of them", async (t) => {
    const { stores, first } = await openStores(t, 5);
    const arrival = { guid: "72d3162e-cc78-11e3-81ab-4c9367dc0958", hooks: ["deploy"] };
    await acceptGroup(first.db, [arrivalFor(first, arrival)]);
    await first.db.updateTable("runs").set({ status: "failed", finished_at: 1 }).execute();
    await inAll(stores, (store) => acceptGroup(store.db, [arrivalFor(store, arrival)]));
    assert.equal((await listRuns(first.db, {}, ALL)).length, 2);
  });

  it("leave only the newest of a group waiting", async (t) => {
    const { stores, first } = await openStores(t, 3);
    const group = (name: string) => ({ deploy: { name, queue: "single", cancelsRunning: false } as const });
    await inAll(stores, async (store, index) => {
      for (let n = 0; n < 20; n++) {
        const many = Array.from({ length: 5 }, (_, name) =>
          arrivalFor(store, { hooks: ["deploy"], groups: group(`g${name}`), pushedAt: n * 10 + index }),
        );
        await acceptGroup(store.db, index === 1 ? many.reverse() : many);
      }
    });
    const waiting = await listRuns(first.db, { status: "queued" }, ALL);
    const rows = await first.db.selectFrom("runs").select(["id", "concurrency_group", "pushed_at"]).execute();
    const found = waiting.map(({ id }) => rows.find((row) => row.id === id));
    assert.deepEqual(found.map((row) => row?.concurrency_group).sort(), ["g0", "g1", "g2", "g3", "g4"]);
    for (const row of found) assert.equal(row?.pushed_at, 192);
  });

  it("claim each run once, and never two of a group at once", async (t) => {
    const { stores, first } = await openStores(t, 4);
    for (let n = 0; n < 10; n++) {
      const groups = { deploy: { name: `g${n % 3}`, queue: "max", cancelsRunning: false } as const };
      const arrivals = Array.from({ length: 10 }, () =>
        arrivalFor(first, { hooks: ["deploy", "ci"], groups }),
      );
      await acceptGroup(first.db, arrivals);
    }
    const claimed = await inAll(stores, async ({ db }, index) => {
      const worker = `w${index}`;
      const mine: number[] = [];
      for (;;) {
        const runs = await claimRuns(db, {
          worker,
          hooks: ["deploy", "ci"],
          limit: 3,
          now: 9_000,
          leaseMs: 60_000,
        });
        for (const run of runs) await finishRun(db, { ...run, worker }, SUCCEEDED, 9_000);
        mine.push(...runs.map(({ id }) => id));
        if (runs.length === 0 && (await listRuns(db, { status: "queued" }, ALL)).length === 0) return mine;
      }
    });
    assert.deepEqual(
      claimed.flat().sort((a, b) => a - b),
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    for (const { length } of claimed) assert.ok(length > 0, "each has had some");
  });

  it("tell of a change once, when two runs of a hook fail at the same moment", async (t) => {
    const { stores, first } = await openStores(t, 4);
    await acceptGroup(
      first.db,
      Array.from({ length: 4 }, () => arrivalFor(first, { hooks: ["deploy"] })),
    );
    const runs = await claimRuns(first.db, {
      worker: "w",
      hooks: ["deploy"],
      limit: 4,
      now: 9_000,
      leaseMs: 1,
    });
    await inAll(stores, ({ db }, index) => {
      const run = runs[index] ?? assert.fail();
      return finishRun(db, { ...run, worker: "w" }, FAILED, 9_000, () => ["notify/0"]);
    });
    const told = await listRuns(first.db, { hook: "notify/0" }, ALL);
    assert.equal(told.length, 1);
  });

  it("agree on the newest push that a hook has succeeded for, when several succeed at the same moment", async (t) => {
    const { stores, first } = await openStores(t, 4);
    // The newest first: what comes after it must not take its place.
    const arrivals = [4, 3, 1, 2].map((n) =>
      arrivalFor(first, { hooks: ["deploy"], sha: `${n}`, pushedAt: n * 1_000 }),
    );
    await acceptGroup(first.db, arrivals);
    const claim = { worker: "w", hooks: ["deploy"], limit: 4, now: 9_000, leaseMs: 1 };
    const runs = await claimRuns(first.db, claim);
    await inAll(stores, ({ db }, index) =>
      finishRun(db, { ...(runs[index] ?? assert.fail()), worker: "w" }, SUCCEEDED, 9_000),
    );
    const [last] = await first.db.selectFrom("last_successes").select("sha").execute();
    assert.equal(last?.sha, "4");
  });

  it("keep a set of hooks once", async (t) => {
    const { stores } = await openStores(t, 5);
    const set = { digest: "ab".repeat(32), content: "{}" };
    const ids = await inAll(stores, ({ db }) => keepHookSet(db, set));
    assert.equal(new Set(ids).size, 1);
  });
});

describe("a store on PostgreSQL that waits for work", () => {
  it("hears at once what another one announces", async (t) => {
    const { stores } = await openStores(t, 2);
    const [waiting, other] = stores as [Store, Store];
    await hasHeardEverything(waiting);
    other.announce();
    await until("it has heard", () => waiting.hasChanged());
  });

  it("says that it hears nothing, as behind a pooler, and looks by itself", async (t) => {
    const { url } = await openStores(t, 1);
    const network = await networkTo(t, Number(new URL(url).port), () => withoutNotifications());
    const log: string[] = [];
    const told = { info() {}, warn: (_: object, message: string) => void log.push(message) };
    const deaf = await openStore(url.replace(/:\d+\//, `:${network.port}/`), { log: told });
    t.after(() => deaf.close());
    deaf.hasChanged();
    await until("it has said so", () => log.some((line) => /nothing is heard over LISTEN/.test(line)));
    deaf.hasChanged();
    await until("it looks", () => deaf.hasChanged());
    await until("it looks again", () => deaf.hasChanged());
  });

  it("listens again when its connection was broken", async (t) => {
    const { stores, first } = await openStores(t, 2);
    const [waiting, other] = stores as [Store, Store];
    await hasHeardEverything(waiting);
    const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and query like 'listen%'`.execute(
      first.db,
    );
    assert.equal(rows.length, 1);
    await hasHeardEverything(waiting);
    other.announce();
    await until("it has heard", () => waiting.hasChanged());
  });
});

describe("what PostgreSQL has prepared", () => {
  it("may be gone, as behind a pooler: then nothing is prepared any more, and all goes on", async (t) => {
    const log: string[] = [];
    const told = { warn() {}, info: (_: object, message: string) => void log.push(message) };
    const { first } = await openStores(t, 1, { connections: 1, log: told });
    const accept = () => acceptGroup(first.db, [arrivalFor(first)]);
    const prepared = async () => (await sql`select name from pg_prepared_statements`.execute(first.db)).rows;
    for (let n = 0; n < 10; n++) await accept();
    assert.notEqual((await prepared()).length, 0);
    await sql`deallocate all`.execute(first.db);
    await accept();
    await accept();
    assert.deepEqual([(await prepared()).length, log.length], [0, 1]);
    assert.equal((await listDeliveries(first.db, {}, ALL)).length, 12);
  });
});

describe("a PostgreSQL that cannot be reached", () => {
  it("is given up after a while, stores nothing, and is used again when it can", async (t) => {
    const { url } = await openStores(t, 1);
    const network = await networkTo(t, Number(new URL(url).port));
    const store = await openStore(url.replace(/:\d+\//, `:${network.port}/`), { busyMs: 1_000 });
    t.after(() => store.close());
    const accept = () => acceptGroup(store.db, [arrivalFor(store)]);
    await accept();
    network.cut();
    await assert.rejects(accept(), isStorageFault);
    await assert.rejects(accept(), isStorageFault);
    network.mend();
    await accept();
    assert.equal((await listDeliveries(store.db, {}, ALL)).length, 2);
  });

  it("may be stopped and started", async (t) => {
    const { first } = await openStores(t, 1);
    await acceptGroup(first.db, [arrivalFor(first)]);
    await postgres.stop();
    await assert.rejects(acceptGroup(first.db, [arrivalFor(first)]), isStorageFault);
    await postgres.start();
    await acceptGroup(first.db, [arrivalFor(first)]);
    assert.equal((await listDeliveries(first.db, {}, ALL)).length, 2);
  });
});

const SUCCEEDED = { status: "succeeded", exitCode: 0, signal: null, reason: null } as const;
const FAILED = { status: "failed", exitCode: 1, signal: null, reason: null } as const;

/** Leaves the messages out that tell of notifications: a letter and the length of each, as the protocol has it. */
function withoutNotifications(): Transform {
  let rest = Buffer.alloc(0);
  return new Transform({
    transform(bytes: Buffer, _, done) {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
        const end = rest.readUInt32BE(1) + 1;
        if (rest[0] !== "A".charCodeAt(0)) this.push(rest.subarray(0, end));
        rest = rest.subarray(end);
      }
      done();
    },
  });
}
