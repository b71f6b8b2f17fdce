/** Which of two runs is for the older state of a branch. */
import { type RawBuilder, sql } from "kysely";

export interface Age {
  delivery_id: number;
  /** When the delivery came, in epoch milliseconds. */
  received_at: number;
  /** Epoch milliseconds, as GitHub says it of the push; `null` where it does not. */
  pushed_at: number | null;
}

/**
 * A push is older that GitHub took in earlier; where it does not say so, or took both in within a second, the delivery that
 * came earlier is.
 */
export function isOlder(run: Age, other: Age): boolean {
  const [mine, theirs] = [run.pushed_at, other.pushed_at];
  if (mine !== null && theirs !== null && mine !== theirs) return mine < theirs;
  // The number alone does not say it: of two receivers the one that was later may have been the first to store.
  if (run.received_at !== other.received_at) return run.received_at < other.received_at;
  return run.delivery_id < other.delivery_id;
}

/** Where each part of a run's age stands, as `table.column`. */
type AgeColumns = Record<keyof Age, string>;

/** That of a table which has all of them. */
export function ageIn(table: string): AgeColumns {
  return {
    delivery_id: `${table}.delivery_id`,
    received_at: `${table}.received_at`,
    pushed_at: `${table}.pushed_at`,
  };
}

/** The same of two rows. Where either does not say when it was pushed, a comparison of that is not true. */
export function isOlderInSql(run: AgeColumns, other: AgeColumns): RawBuilder<boolean> {
  const less = (column: keyof Age) => sql`${sql.ref(run[column])} < ${sql.ref(other[column])}`;
  const differ = (column: keyof Age) => sql`${sql.ref(run[column])} <> ${sql.ref(other[column])}`;
  return sql`case
    when ${differ("pushed_at")} then ${less("pushed_at")}
    when ${differ("received_at")} then ${less("received_at")}
    else ${less("delivery_id")} end`;
}
