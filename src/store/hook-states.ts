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
  const state = { status, run_id: run.id };
  // One statement: whoever writes at the same moment waits, and sees what was there before.
  const noted = await tx
    .insertInto("hook_states")
    .values({ hook: run.hook, source, repository: repository ?? "", ref: ref ?? "", ...state })
    .onConflict((conflict) =>
      conflict
        .columns(["hook", "source", "repository", "ref"])
        .doUpdateSet((eb) => ({ ...state, previous: eb.ref("hook_states.status") }))
        .where("hook_states.run_id", "<=", run.id),
    )
    .returning("previous")
    .executeTakeFirst();
  if (!noted) return undefined;
  if (status === "failed") return noted.previous === "failed" ? undefined : "failed";
  return noted.previous === "failed" ? "recovered" : undefined;
}
