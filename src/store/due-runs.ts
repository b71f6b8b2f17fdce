/**
 * The runs of one hook that are due and need not wait for another. A run waits while one of its concurrency group is
 * performed, and for those of its group that came earlier. Some hooks work on a delivery one after the other, in the
 * order in which their runs were stored: a run of theirs waits while an earlier one of the same delivery is not at its
 * end.
 */
import { sql } from "kysely";
import type { Database } from "./store.ts";
import type { RunStatus } from "./tables.ts";

export interface DueQuery {
  limit: number;
  now: number;
  /** All hooks that can run: nobody waits for a run of another, which may never come. */
  hooks: readonly string[];
  /** Those of them that work on a delivery one after the other. */
  inOrder: ReadonlySet<string>;
}

/**
 * How far into the queue of a hook is looked for a run that need not wait, so that a long queue does not make claiming
 * slow. What the first ones wait for is itself first in its queue, or being performed.
 */
const LOOK_AHEAD = 1_000;

const QUEUED = sql.lit<RunStatus>("queued");
const RUNNING = sql.lit<RunStatus>("running");

/** The ids of a hook's runs that are due and wait for no other; those that have been due for longest come first. */
export async function dueRuns(db: Database, hook: string, query: DueQuery): Promise<number[]> {
  const rows = await dueRunsQuery(db, hook, query).execute();
  return rows.map(({ id }) => id);
}

export function dueRunsQuery(db: Database, hook: string, { limit, now, hooks, inOrder }: DueQuery) {
  const lane = db
    .selectFrom("runs")
    .select(["id", "due_at", "delivery_id", "concurrency_group"])
    .where("hook", "=", hook)
    .where("status", "=", QUEUED)
    .where("due_at", "<=", now)
    .orderBy("due_at")
    .orderBy("id")
    .limit(LOOK_AHEAD);
  const free = db
    .selectFrom(lane.as("due"))
    .select("due.id")
    // Two questions: with an OR between them SQLite finds no plan once it has statistics.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("runs as performed")
            .select("performed.id")
            .whereRef("performed.concurrency_group", "=", "due.concurrency_group")
            .where("performed.status", "=", RUNNING),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("runs as first")
            .select("first.id")
            .whereRef("first.concurrency_group", "=", "due.concurrency_group")
            .whereRef("first.id", "<", "due.id")
            .where("first.status", "=", QUEUED)
            .where("first.hook", "in", [...hooks]),
        ),
      ),
    )
    .orderBy("due.due_at")
    .orderBy("due.id")
    .limit(limit);
  if (!inOrder.has(hook)) return free;
  return free.where(({ not, exists, selectFrom }) =>
    not(
      exists(
        selectFrom("runs as earlier")
          .select("earlier.id")
          .whereRef("earlier.delivery_id", "=", "due.delivery_id")
          .whereRef("earlier.id", "<", "due.id")
          .where("earlier.status", "in", [QUEUED, RUNNING])
          .where("earlier.hook", "in", [...inOrder]),
      ),
    ),
  );
}
