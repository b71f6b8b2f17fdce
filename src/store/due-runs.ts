/**
 * The runs of one hook that are due. Some hooks work on a delivery one after the other, in the order in which their runs
 * were stored: a run of theirs waits while an earlier one of the same delivery is not at its end.
 */
import { sql } from "kysely";
import type { Database } from "./store.ts";
import type { RunStatus } from "./tables.ts";

export interface DueQuery {
  limit: number;
  now: number;
  /** The hooks that work on a delivery one after the other. */
  inOrder: ReadonlySet<string>;
}

/**
 * How far into the queue of a hook is looked for a run that need not wait, so that a long queue does not make claiming
 * slow. What the first ones wait for is itself first in its queue, or being performed.
 */
const LOOK_AHEAD = 1_000;

/** The ids of a hook's runs that are due and wait for no other; those that have been due for longest come first. */
export async function dueRuns(db: Database, hook: string, query: DueQuery): Promise<number[]> {
  const rows = await dueRunsQuery(db, hook, query).execute();
  return rows.map(({ id }) => id);
}

export function dueRunsQuery(db: Database, hook: string, { limit, now, inOrder }: DueQuery) {
  const lane = db
    .selectFrom("runs")
    .where("hook", "=", hook)
    .where("status", "=", sql.lit("queued"))
    .where("due_at", "<=", now)
    .orderBy("due_at")
    .orderBy("id");
  if (!inOrder.has(hook)) return lane.select("id").limit(limit);
  return db
    .selectFrom(lane.select(["id", "due_at", "delivery_id"]).limit(LOOK_AHEAD).as("due"))
    .select("due.id")
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("runs as earlier")
            .select("earlier.id")
            .whereRef("earlier.delivery_id", "=", "due.delivery_id")
            .whereRef("earlier.id", "<", "due.id")
            .where("earlier.status", "in", [sql.lit<RunStatus>("queued"), sql.lit<RunStatus>("running")])
            .where("earlier.hook", "in", [...inOrder]),
        ),
      ),
    )
    .orderBy("due.due_at")
    .orderBy("due.id")
    .limit(limit);
}
