/** How each hook stands on each branch: as its last run there ended, so that a change is told of once. */
import type { Change } from "../match/notification.ts";
import type { About } from "./last-successes.ts";
import type { Database } from "./store.ts";

/**
 * Keeps how a run has ended.
 *
 * @returns what has changed by it. A run that is older than the last one changes nothing.
 */
export async function noteState(
  tx: Database,
  run: { id: number; hook: string },
  { source, repository, ref }: About,
  status: "succeeded" | "failed",
): Promise<Change | undefined> {
  const key = { hook: run.hook, source, repository: repository ?? "", ref: ref ?? "" };
  const last = await tx
    .selectFrom("hook_states")
    .select(["status", "run_id"])
    .where("hook", "=", key.hook)
    .where("source", "=", key.source)
    .where("repository", "=", key.repository)
    .where("ref", "=", key.ref)
    .executeTakeFirst();
  if (last && last.run_id > run.id) return undefined;
  const state = { status, run_id: run.id };
  await tx
    .insertInto("hook_states")
    .values({ ...key, ...state })
    .onConflict((conflict) => conflict.columns(["hook", "source", "repository", "ref"]).doUpdateSet(state))
    .execute();
  if (status === "failed") return last?.status === "failed" ? undefined : "failed";
  return last?.status === "failed" ? "recovered" : undefined;
}
