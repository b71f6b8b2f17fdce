/** Queued runs whose hook has been removed: nobody will ever claim them. */
import { sql } from "kysely";
import { unlocked } from "./locks.ts";
import type { Database } from "./store.ts";
import { inTransaction } from "./transaction.ts";

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
  return inTransaction(db, async (tx) => {
    const waiting = tx
      .selectFrom("runs")
      .select("id")
      .where("hook", "=", hook)
      .where("status", "=", sql.lit("queued"))
      .where("due_at", "<", dueBefore)
      .orderBy("due_at")
      .limit(MAX_ROWS);
    const some = await unlocked(tx, waiting).execute();
    if (some.length === 0) return 0;
    const { numUpdatedRows } = await tx
      .updateTable("runs")
      .set({ status: "failed", reason, finished_at: now, ending: null })
      .where(
        "id",
        "in",
        some.map(({ id }) => id),
      )
      .executeTakeFirst();
    return Number(numUpdatedRows);
  });
}
