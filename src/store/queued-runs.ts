/** Runs that wait, and end without being performed. */
import { sql } from "kysely";
import type { Database } from "./store.ts";

/**
 * Whether a run that is looked up by its number waits. Not said in the words of the index of all that wait: PostgreSQL takes
 * that for short, while all that has left it since the last vacuum still stands in it.
 */
export const IS_QUEUED = sql<boolean>`status || '' = 'queued'`;

/**
 * Ends runs that wait. One that has never been tried is at its end at once; of one that has failed before, what its hook
 * does after a failure is left.
 *
 * @param reason for people.
 * @returns how many.
 */
export async function endQueued(
  tx: Database,
  runs: readonly number[],
  reason: string,
  now: number,
): Promise<number> {
  if (runs.length === 0) return 0;
  const waiting = () =>
    tx
      .updateTable("runs")
      .where("id", "in", [...runs])
      .where(IS_QUEUED)
      .where("ending", "is", null);
  const untried = await waiting()
    .set({ status: "cancelled", reason, finished_at: now })
    .where("failures", "=", 0)
    .executeTakeFirst();
  const tried = await waiting()
    .set({ ending: "cancelled", reason, due_at: now, cancel_reason: null })
    .executeTakeFirst();
  return Number(untried.numUpdatedRows + tried.numUpdatedRows);
}
