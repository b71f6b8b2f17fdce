/** Queued runs whose hook has been removed: nobody will ever claim them. */
import { sql } from "kysely";
import type { Database } from "./store.ts";

/** At once: a worker's transactions stay short, however many runs there are. */
const MAX_ROWS = 200;

/** The hooks that have queued runs: a look-up for each, so that one with a hundred thousand costs no more than another. */
export async function hooksWithQueuedRuns(db: Database): Promise<string[]> {
  const hooks: string[] = [];
  for (;;) {
    const next = await db
      .selectFrom("runs")
      .select("hook")
      .where("status", "=", sql.lit("queued"))
      .where("hook", ">", hooks.at(-1) ?? "")
      .orderBy("hook")
      .limit(1)
      .executeTakeFirst();
    if (!next) return hooks;
    hooks.push(next.hook);
  }
}

/**
 * Fails the queued runs of a hook, some of them at a time.
 *
 * @param dueBefore epoch milliseconds: later ones are left, because whoever queued them may know more of the hook.
 * @returns how many; ask again until there is none.
 */
export async function failQueuedRuns(
  db: Database,
  hook: string,
  { dueBefore, reason, now }: { dueBefore: number; reason: string; now: number },
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("runs")
    .set({ status: "failed", reason, finished_at: now, ending: null })
    .where("status", "=", sql.lit("queued"))
    .where("id", "in", (eb) =>
      eb
        .selectFrom("runs")
        .select("id")
        .where("hook", "=", hook)
        .where("status", "=", sql.lit("queued"))
        .where("due_at", "<", dueBefore)
        .orderBy("due_at")
        .limit(MAX_ROWS),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
