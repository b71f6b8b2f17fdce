/**
 * What removing old deliveries leaves behind in PostgreSQL, and what it costs those who accept and perform meanwhile: a
 * database with old and young deliveries, from which the old ones are pruned while others come. Said at each step: the
 * bytes of the largest tables with their indexes, and the rows in them that are dead. Nobody vacuums until that is measured.
 * node benchmarks/bloat.ts [DELIVERIES], half of them old.
 */
import { sql } from "kysely";
import { formatTable } from "../src/lib/table.ts";
import { prune } from "../src/store/prune.ts";
import { finishRun } from "../src/store/run-ends.ts";
import { claimRuns } from "../src/store/run-queue.ts";
import { openStore, type Store } from "../src/store/store.ts";
import { createDatabase, startPostgres } from "../test/support/postgres.ts";
import { accept, fill, HOOKS } from "./fill.ts";
import { quantile } from "./server.ts";

const DELIVERIES = Number(process.argv[2] ?? 100_000);
const TABLES = ["deliveries", "packs", "runs"];
const DAY_MS = 86_400_000;
const ALONE_MS = 10_000;
const SUCCEEDED = { status: "succeeded", exitCode: 0, signal: null, reason: null } as const;

const ends: (() => unknown)[] = [];
try {
  const postgres = await startPostgres({ after: (end) => ends.push(end) }, { isDurable: true });
  const url = await createDatabase(postgres.url);
  await fill(url, DELIVERIES / 2, Date.now() - 2 * DAY_MS);
  await fill(url, DELIVERIES / 2);
  const store = await openStore(url, { connections: 8 });
  ends.push(() => store.close());
  for (const table of TABLES)
    await sql`alter table ${sql.table(table)} set (autovacuum_enabled = false)`.execute(store.db);
  await sql`vacuum analyze`.execute(store.db);

  const rows = [["before", ...(await sizesOf(store))]];
  const alone = await acceptAndPerform(store, AbortSignal.timeout(ALONE_MS));
  const done = new AbortController();
  const beside = acceptAndPerform(store, done.signal);
  const startedAt = performance.now();
  const { deliveries } = await prune(store, { before: Date.now() - DAY_MS, keepBytes: null });
  const seconds = (performance.now() - startedAt) / 1_000;
  done.abort();
  console.log(`${deliveries} deliveries removed in ${seconds.toFixed(0)} s`);
  console.log(
    formatTable([
      ["", "turns/s", "accept p50 ms", "p99", "claim p50 ms", "p99"],
      ["alone", ...alone],
      ["beside", ...(await beside)],
    ]),
  );
  rows.push(["after pruning", ...(await sizesOf(store))]);
  await sql`vacuum analyze`.execute(store.db);
  rows.push(["after vacuum", ...(await sizesOf(store))]);
  await fill(url, DELIVERIES / 2);
  rows.push(["filled again", ...(await sizesOf(store))]);
  const columns = TABLES.flatMap((table) => [`${table} MiB`, "indexes", "dead rows"]);
  console.log(formatTable([["", ...columns], ...rows]));
} finally {
  for (const end of ends.reverse()) await end();
}

/** Of each table its own bytes, those of its indexes, and its dead rows. */
async function sizesOf({ db }: Store): Promise<string[]> {
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ name: string; own: number; indexes: number; dead: number }>`
    select relname as name, pg_table_size(relid) as own, pg_indexes_size(relid) as indexes, n_dead_tup as dead
    from pg_stat_user_tables`.execute(db);
  const inMiB = (bytes = Number.NaN) => (bytes / 1024 ** 2).toFixed(0);
  return TABLES.flatMap((table) => {
    const row = rows.find(({ name }) => name === table);
    return [inMiB(row?.own), inMiB(row?.indexes), String(row?.dead)];
  });
}

/** Accepts eight deliveries, claims four of their runs and ends them, again and again. Returns how many turns, and what they took. */
async function acceptAndPerform(store: Store, signal: AbortSignal): Promise<string[]> {
  const accepts: number[] = [];
  const claims: number[] = [];
  const startedAt = performance.now();
  while (!signal.aborted) {
    accepts.push(await timed(() => accept(store, 8)));
    const claim = { worker: "w", hooks: HOOKS, limit: 4, now: Date.now(), leaseMs: 60_000 };
    let runs: Awaited<ReturnType<typeof claimRuns>> = [];
    claims.push(
      await timed(async () => {
        runs = await claimRuns(store.db, claim);
      }),
    );
    for (const run of runs) await finishRun(store.db, { ...run, worker: "w" }, SUCCEEDED, Date.now());
  }
  const perSecond = accepts.length / ((performance.now() - startedAt) / 1_000);
  return [perSecond, ...[accepts, claims].flatMap((all) => [quantile(all, 0.5), quantile(all, 0.99)])].map(
    (value) => value.toFixed(1),
  );
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}
