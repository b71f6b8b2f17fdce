/**
 * What each hook last ran to success for, of each source, repository and ref. In a table of its own: a hook may have a
 * million runs, and none of this branch.
 */
import { ageIn, isOlderInSql } from "./run-age.ts";
import type { ClaimedRun } from "./run-queue.ts";
import type { Database } from "./store.ts";

export interface About {
  source: string;
  repository: string | null;
  ref: string | null;
}

interface LastSuccess {
  sha: string;
  /** Of the run; `null` when a version stored it that did not keep them. */
  run_id: number | null;
  delivery_id: number | null;
  received_at: number | null;
  pushed_at: number | null;
}

/** Keeps what a run has succeeded for, unless a newer one has already. */
export async function noteSuccess(
  tx: Database,
  run: Pick<ClaimedRun, "id" | "deliveryId" | "hook" | "pushedAt">,
  { source, repository, ref, sha, received_at }: About & { sha: string | null; received_at: number },
): Promise<void> {
  if (repository === null || ref === null || sha === null) return;
  const age = { delivery_id: run.deliveryId, received_at, pushed_at: run.pushedAt };
  const success = { sha, run_id: run.id, ...age };
  // One statement: whoever writes at the same moment waits, and is compared with what was there before.
  await tx
    .insertInto("last_successes")
    .values({ hook: run.hook, source, repository, ref, ...success })
    .onConflict((conflict) =>
      conflict
        .columns(["hook", "source", "repository", "ref"])
        .doUpdateSet(success)
        .where(({ not, or, eb }) =>
          or([
            // Of a version that did not keep them.
            eb("last_successes.delivery_id", "is", null),
            eb("last_successes.received_at", "is", null),
            not(isOlderInSql(ageIn("excluded"), ageIn("last_successes"))),
          ]),
        ),
    )
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
    .select(["sha", "run_id", "delivery_id", "received_at", "pushed_at"])
    .where("hook", "=", hook)
    .where("source", "=", source)
    .where("repository", "=", repository)
    .where("ref", "=", ref)
    .executeTakeFirst();
}

/**
 * Those of the runs that are for an older push than one that their hook has succeeded for, each with the run of that. Asked
 * when runs are claimed: what is claimed side by side is no old state that comes back.
 */
export async function newerSuccesses(tx: Database, runs: readonly number[]): Promise<Map<number, number>> {
  const age = {
    delivery_id: "runs.delivery_id",
    received_at: "deliveries.received_at",
    pushed_at: "runs.pushed_at",
  };
  const rows = await tx
    .selectFrom("runs")
    // For each run by itself, so that no plan walks all that hooks have succeeded for.
    .select(({ selectFrom }) => [
      "id",
      selectFrom("deliveries")
        .innerJoin("last_successes as last", (join) =>
          join
            .onRef("last.hook", "=", "runs.hook")
            .onRef("last.source", "=", "deliveries.source")
            .onRef("last.repository", "=", "deliveries.repository")
            .onRef("last.ref", "=", "deliveries.ref"),
        )
        .select("last.run_id")
        .whereRef("deliveries.id", "=", "runs.delivery_id")
        .where("deliveries.event", "=", "push")
        // Otherwise of a version that did not keep them.
        .where("last.delivery_id", "is not", null)
        .where("last.received_at", "is not", null)
        .where(isOlderInSql(age, ageIn("last")))
        .limit(1)
        .as("newer"),
    ])
    .where("id", "in", [...runs])
    .where("forced", "=", 0)
    .execute();
  return new Map(rows.flatMap(({ id, newer }) => (newer === null ? [] : [[id, newer] as const])));
}
