/**
 * What each hook last ran to success for, of each source, repository and ref. In a table of its own: a hook may have a
 * million runs, and none of this branch.
 */
import { type Age, isOlder, isOlderInSql } from "./run-age.ts";
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
            not(isOlderInSql("excluded", "last_successes")),
          ]),
        ),
    )
    .execute();
}

function isOlderThan(run: Age, { delivery_id, received_at, pushed_at }: Omit<LastSuccess, "sha">): boolean {
  if (delivery_id === null || received_at === null) return false;
  return isOlder(run, { delivery_id, received_at, pushed_at });
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
  const rows = await tx
    .selectFrom("runs")
    .innerJoin("deliveries", "deliveries.id", "runs.delivery_id")
    .innerJoin("last_successes as last", (join) =>
      join
        .onRef("last.hook", "=", "runs.hook")
        .onRef("last.source", "=", "deliveries.source")
        .onRef("last.repository", "=", "deliveries.repository")
        .onRef("last.ref", "=", "deliveries.ref"),
    )
    .select([
      "runs.id",
      "runs.delivery_id as mine",
      "runs.pushed_at as pushedAt",
      "deliveries.received_at as cameAt",
      "last.run_id",
      "last.delivery_id",
      "last.received_at",
      "last.pushed_at",
    ])
    .where("runs.id", "in", [...runs])
    .where("runs.forced", "=", 0)
    .where("deliveries.event", "=", "push")
    .execute();
  return new Map(
    rows.flatMap(({ id, mine, pushedAt, cameAt, ...last }) => {
      const age = { delivery_id: mine, pushed_at: pushedAt, received_at: cameAt };
      return last.run_id !== null && isOlderThan(age, last) ? [[id, last.run_id] as const] : [];
    }),
  );
}
