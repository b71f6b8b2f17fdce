/**
 * What keeps transactions apart that run side by side. On SQLite nothing is needed: a transaction takes the only write lock
 * when it begins. On PostgreSQL each sees what others have committed by then, so whoever reads and then writes by what it
 * has read locks it first: a name, or rows.
 */
import { PostgresAdapter, type SelectQueryBuilder, sql } from "kysely";
import type { Database } from "./store.ts";

/** A namespace of our own among the advisory locks of a database, which others may use as well. */
const NAMES = 7;

/**
 * Until the end of the transaction nobody else has any of these names. Take all of a transaction's at once, before it
 * writes: they are taken in one order, so that no two transactions wait for each other.
 */
export async function lockNames(tx: Database, names: readonly string[]): Promise<void> {
  if (names.length === 0 || !hasManyWriters(tx)) return;
  const sorted = sql`select distinct hashtext(name) as key from unnest(${[...names]}::text[]) as name order by key`;
  await sql`select pg_advisory_xact_lock(${sql.lit(NAMES)}, key) from (${sorted}) as keys`.execute(tx);
}

/** Takes the rows of a query for this transaction, and leaves out those that another has taken. */
export function unlocked<DB, TB extends keyof DB, O>(
  db: Database,
  query: SelectQueryBuilder<DB, TB, O>,
  table?: TB & string,
): SelectQueryBuilder<DB, TB, O> {
  if (!hasManyWriters(db)) return query;
  return (table === undefined ? query.forUpdate() : query.forUpdate(table as never)).skipLocked();
}

/** Whether transactions run side by side: on PostgreSQL. */
export function hasManyWriters(db: Database): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}
