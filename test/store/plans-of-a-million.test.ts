/** What PostgreSQL makes of the queries once there are a million deliveries and runs, and it knows that. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { CompiledQuery, Kysely, sql } from "kysely";
import { pack } from "../../src/store/packing.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { claimRuns } from "../../src/store/run-queue.ts";
import type { Database } from "../../src/store/store.ts";
import type { Tables } from "../../src/store/tables.ts";
import { PARTIAL, QUICK } from "../support/asked.ts";
import { createDatabase, startPostgres } from "../support/postgres.ts";
import { testStoreAt } from "../support/store.ts";

const postgres = await startPostgres({ after });
const url = await createDatabase(postgres.url);
const store = await testStoreAt({ after }, url);
const EMPTY = { headers: [], body: Buffer.alloc(0) };
const PACK = Buffer.from(pack(store.dictionary, Array(20).fill(EMPTY)).bytes).toString("hex");

/** A hundred thousand runs wait, of one hook and a thousand groups; a few run; a thousand failed; one in twenty deliveries began a pack. */
const FILL = [
  `insert into packs (dictionary, bytes) select 1, '\\x${PACK}' from generate_series(1, 50000)`,
  `insert into deliveries (source, webhook_id, guid, event, repository, ref, sha, sender, received_at, secret, size, pack_id, pack_index)
    select 'github', 1, decode(lpad(to_hex(n), 32, '0'), 'hex'), 'push', 'acme/' || n % 500, 'refs/heads/main',
      md5(n::text), 'alice', n, 'only', 100, (n + 19) / 20, n % 20 from generate_series(1, 1000000) n`,
  `insert into runs (delivery_id, hook, status, attempt, queued_at, due_at, started_at, finished_at, worker, lease_until, concurrency_group, queue)
    select n, case when n > 900000 then 'deploy' else 'hook-' || n % 20 end,
      case when n > 999900 then 'running' when n > 900000 then 'queued' when n % 1000 = 0 then 'failed' else 'succeeded' end,
      1, n, n, n, case when n <= 900000 then n end, case when n > 999900 then 'w1' end, case when n > 999900 then 9000 end,
      case when n > 900000 then 'g' || n % 1000 end, case when n > 900000 then 'max' end
      from generate_series(1, 1000000) n`,
  "insert into bodies_seen (source, secret, digests) select 'github', 'only', decode(repeat(md5(n::text), 2048), 'hex') from generate_series(1, 250) n",
  "insert into output select n, 1, 0, 'stdout', n, '\\x00' from generate_series(1, 200000) n",
  "insert into last_successes select 'hook-' || n, 'github', 'acme/' || n, 'refs/heads/main', md5(n::text) from generate_series(1, 50000) n",
  "insert into hook_states select 'hook-' || n, 'github', 'acme/' || n, 'refs/heads/main', 'failed', n from generate_series(1, 50000) n",
];

// Without asking for each row whether what it refers to is there.
const unchecked = "set local session_replication_role = replica";
const indexes = await secondaryIndexes();
for (const { name } of indexes) await sql.raw(`drop index ${name}`).execute(store.db);
for (const statement of FILL) await sql.raw(`${unchecked}; ${statement}`).execute(store.db);
for (const { definition } of indexes) await sql.raw(definition).execute(store.db);
await sql.raw("analyze").execute(store.db);

const asked: CompiledQuery[] = [];
const driver = openPostgres({ url, connections: 1, patienceMs: 60_000, log: { info() {}, warn() {} } });
const db: Database = new Kysely<Tables>({
  dialect: driver.dialect,
  log: ({ query }) => void asked.push(query as CompiledQuery),
});
after(() => db.destroy());

/** There are few hooks, and fewer that are disabled. */
const SORTED_DISABLED = "Sort Key: hook";

/** Those that belong to no constraint: to make them of a full table takes a fraction of the time. */
async function secondaryIndexes(): Promise<{ name: string; definition: string }[]> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select indexname as name, indexdef as definition from pg_indexes
    where schemaname = 'public' and not exists (select 1 from pg_constraint where conname = indexname)`.execute(
    store.db,
  );
  return rows;
}

/** The steps of all that is asked, as PostgreSQL would go them in this database. */
async function plansOf(ask: () => Promise<unknown>, place = store): Promise<string[]> {
  asked.length = 0;
  await ask();
  const queries = asked.filter(({ sql: text }) =>
    /^\s*(select|insert|update|delete|with|set local)/i.test(text),
  );
  assert.ok(queries.length > 0, "nothing was asked");
  return place.db.transaction().execute(async (tx) => {
    const plans: string[] = [];
    for (const query of queries) {
      const isSetting = query.sql.startsWith("set local");
      const text = isSetting ? query.sql : `explain ${query.sql}`;
      const { rows } = await tx.executeQuery<{ "QUERY PLAN": string }>(
        CompiledQuery.raw(text, [...query.parameters]),
      );
      if (!isSetting) plans.push(...rows.map((row) => row["QUERY PLAN"].trim()));
    }
    return plans;
  });
}

/** Whole tables, and what there is much of put in order. */
function slowSteps(plans: readonly string[]): string[] {
  return plans.filter((plan) =>
    /Seq Scan on (deliveries|runs|packs|output|last_successes|hook_states)\b/.test(plan),
  );
}

describe("PostgreSQL with a million deliveries and runs", () => {
  for (const [what, ask] of QUICK)
    it(`finds its way by an index: ${what}`, async () => {
      const plans = await plansOf(() => ask(db, store));
      assert.deepEqual(slowSteps(plans), [], plans.join("\n"));
    });

  for (const [what, index, ask] of PARTIAL)
    it(`looks at no more than it has to: ${what}`, async () => {
      const plans = await plansOf(() => ask(db));
      assert.ok(
        plans.some((plan) => plan.includes(` ${index}`)),
        plans.join("\n"),
      );
      assert.deepEqual(slowSteps(plans), [], plans.join("\n"));
    });

  it("claims in the order of its index, without sorting", async () => {
    const plans = await plansOf(claim);
    assertInOrder(plans);
    const sorted = plans.filter((plan) => plan.startsWith("Sort Key: ") && plan !== SORTED_DISABLED);
    assert.deepEqual(sorted, [], plans.join("\n"));
  });

  it("claims in the same way before it knows how much there is", async (t) => {
    const empty = await testStoreAt(t, await createDatabase(postgres.url));
    assertInOrder(await plansOf(claim, empty));
  });
});

function claim() {
  return claimRuns(db, { worker: "w2", hooks: ["deploy", "ci"], limit: 4, now: 9_000_000, leaseMs: 1 });
}

function assertInOrder(plans: readonly string[]): void {
  for (const [table, index] of [
    ["due", "queued_lane"],
    ["first", "live_in_group"],
  ] as const) {
    const scan = plans.findIndex((plan) => plan.includes(`Scan using ${index} on runs ${table}`));
    assert.match(plans[scan + 1] ?? "", /^Index Cond: .*(hook|concurrency_group) = /, plans.join("\n"));
  }
}
