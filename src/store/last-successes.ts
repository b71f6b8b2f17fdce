/**
 * What each hook last ran to success for, of each source, repository and ref. In a table of its own: a hook may have a
 * million runs, and none of this branch.
 */
import { isOlder } from "./run-age.ts";
import type { ClaimedRun } from "./run-queue.ts";
import type { Database } from "./store.ts";

export interface About {
  source: string;
  repository: string | null;
  ref: string | null;
}

export interface LastSuccess {
  sha: string;
  /** Of the run; `null` when a version stored it that did not keep them. */
  run_id: number | null;
  delivery_id: number | null;
  pushed_at: number | null;
}

/** Keeps what a run has succeeded for, unless a newer one has already. */
export async function noteSuccess(tx: Database, run: ClaimedRun): Promise<void> {
  const { source, repository, ref, sha } = await tx
    .selectFrom("deliveries")
    .select(["source", "repository", "ref", "sha"])
    .where("id", "=", run.deliveryId)
    .executeTakeFirstOrThrow();
  if (repository === null || ref === null || sha === null) return;
  const last = await lastSuccess(tx, run.hook, { source, repository, ref });
  if (last && isLate(run, last)) return;
  const success = { sha, run_id: run.id, delivery_id: run.deliveryId, pushed_at: run.pushedAt };
  await tx
    .insertInto("last_successes")
    .values({ hook: run.hook, source, repository, ref, ...success })
    .onConflict((conflict) => conflict.columns(["hook", "source", "repository", "ref"]).doUpdateSet(success))
    .execute();
}

/** `undefined` when there is none. */
export async function lastSuccess(
  db: Database,
  hook: string,
  { source, repository, ref }: About,
): Promise<LastSuccess | undefined> {
  if (repository === null || ref === null) return;
  return db
    .selectFrom("last_successes")
    .select(["sha", "run_id", "delivery_id", "pushed_at"])
    .where("hook", "=", hook)
    .where("source", "=", source)
    .where("repository", "=", repository)
    .where("ref", "=", ref)
    .executeTakeFirst();
}

/** Whether a run is for an older state than the one that its hook last succeeded for. */
export function isLate(run: ClaimedRun, { delivery_id, pushed_at }: LastSuccess): boolean {
  if (delivery_id === null) return false;
  return isOlder({ delivery_id: run.deliveryId, pushed_at: run.pushedAt }, { delivery_id, pushed_at });
}
