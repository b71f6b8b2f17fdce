/** What a person does to runs: ends them, or looks for those that are worth another try. */
import { endQueued } from "./queued-runs.ts";
import { findRun, type Run } from "./runs.ts";
import type { Database } from "./store.ts";
import { inTransaction } from "./transaction.ts";

/** `cancelled`: it never starts. `stopping`: whoever performs it is told. `ended`: there is nothing to end any more. */
export type Cancelled = "cancelled" | "stopping" | "ended";

/**
 * Ends a run, whatever it is doing. The worker that performs one sees it within a second.
 *
 * @param reason for people; says who wanted it.
 * @returns what became of it, and the run as it was.
 */
export async function cancelRun(
  db: Database,
  id: number,
  { reason, now }: { reason: string; now: number },
): Promise<{ result: Cancelled; run: Run } | undefined> {
  return inTransaction(db, async (tx) => {
    const run = await findRun(tx, id);
    if (!run) return undefined;
    if ((await endQueued(tx, [id], reason, now)) > 0) return { result: "cancelled", run };
    const { numUpdatedRows } = await tx
      .updateTable("runs")
      .set({ cancel_reason: reason })
      .where("id", "=", id)
      .where("status", "in", ["queued", "running"])
      .executeTakeFirst();
    return { result: numUpdatedRows > 0n ? "stopping" : "ended", run };
  });
}

/** Those runs that no later one of the same hook for the same delivery has followed. */
export async function lastOfTheirDelivery(db: Database, runs: readonly Run[]): Promise<Run[]> {
  const last: Run[] = [];
  for (const run of runs) {
    const later = await db
      .selectFrom("runs")
      .select("id")
      .where("delivery_id", "=", run.deliveryId)
      .where("hook", "=", run.hook)
      .where("about_run", "is", null)
      .where("id", ">", run.id)
      .limit(1)
      .executeTakeFirst();
    if (!later) last.push(run);
  }
  return last;
}
