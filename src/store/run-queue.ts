/**
 * The queue of the workers. A run is a row from the moment its delivery is stored; whoever holds its lease performs it,
 * and only the holder can write its end.
 */
import { sql } from "kysely";
import { dueRuns } from "./due-runs.ts";
import type { Database } from "./store.ts";

/** A run in the hands of a worker. */
export interface ClaimedRun {
  id: number;
  deliveryId: number;
  hook: string;
  attempt: number;
}

/** How an attempt ended. That a script failed is a fact, not an exception. */
export interface Outcome {
  /** `skipped`: only its worker could know that it is not to happen. */
  status: "succeeded" | "failed" | "skipped";
  exitCode: number | null;
  signal: string | null;
  reason: string | null;
}

/** A run that was interrupted this often is not tried again: it may be what kills its worker. */
export const MAX_INTERRUPTIONS = 3;

/**
 * Claims runs that are due, for one worker. Hooks take turns, so that a hook with a long queue does not keep the
 * others waiting: of each the first, then of each the second.
 *
 * @param hooks the hooks that the worker has loaded; begin with another one every time.
 * @param inOrder those of them that work on a delivery one after the other.
 */
export async function claimRuns(
  db: Database,
  claim: {
    worker: string;
    hooks: readonly string[];
    inOrder?: ReadonlySet<string>;
    limit: number;
    now: number;
    leaseMs: number;
  },
): Promise<ClaimedRun[]> {
  const { worker, hooks, inOrder = new Set(), limit, now, leaseMs } = claim;
  return db.transaction().execute(async (tx) => {
    const lanes: number[][] = [];
    for (const hook of hooks) {
      const due = await dueRuns(tx, hook, { limit, now, inOrder });
      if (due.length > 0) lanes.push(due);
    }
    const ids = takeTurns(lanes, limit);
    if (ids.length === 0) return [];
    const rows = await tx
      .updateTable("runs")
      .set((eb) => ({
        status: "running",
        attempt: eb("attempt", "+", 1),
        started_at: now,
        worker,
        lease_until: now + leaseMs,
        exit_code: null,
        signal: null,
        reason: null,
      }))
      .where("id", "in", ids)
      .where("status", "=", "queued")
      .returning(["id", "delivery_id", "hook", "attempt"])
      .execute();
    return rows
      .map(({ id, delivery_id, hook, attempt }) => ({ id, deliveryId: delivery_id, hook, attempt }))
      .sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  });
}

/** Whether any run of these hooks is due: a look without the write lock. */
export async function hasDueRuns(
  db: Database,
  hooks: readonly string[],
  now: number,
  inOrder: ReadonlySet<string> = new Set(),
): Promise<boolean> {
  for (const hook of inOrder)
    if ((await dueRuns(db, hook, { limit: 1, now, inOrder })).length > 0) return true;
  const others = hooks.filter((hook) => !inOrder.has(hook));
  if (others.length === 0) return false;
  const found = await db
    .selectFrom("runs")
    .select("id")
    .where("status", "=", sql.lit("queued"))
    .where("hook", "in", others)
    .where("due_at", "<=", now)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Extends the worker's leases. Returns the runs that it still holds: it has to stop performing any other. */
export async function extendLeases(db: Database, worker: string, leaseUntil: number): Promise<Set<number>> {
  const rows = await db
    .updateTable("runs")
    .set({ lease_until: leaseUntil })
    .where("status", "=", "running")
    .where("worker", "=", worker)
    .returning("id")
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Writes a run's end. `false` when it is no longer this worker's: then nothing is written. */
export async function finishRun(
  db: Database,
  run: ClaimedRun & { worker: string },
  outcome: Outcome,
  now: number,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await held(tx, run)
      .set({
        status: outcome.status,
        exit_code: outcome.exitCode,
        signal: outcome.signal,
        reason: outcome.reason,
        finished_at: now,
        worker: null,
        lease_until: null,
      })
      .executeTakeFirst();
    const isOurs = numUpdatedRows > 0n;
    if (isOurs && outcome.status === "succeeded") await noteSuccess(tx, run);
    return isOurs;
  });
}

/** Gives a run back unfinished, because its worker stops. That is no interruption of the run's own making. */
export async function handBackRun(
  db: Database,
  run: ClaimedRun & { worker: string },
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await held(db, run)
    .set({
      status: "queued",
      due_at: now,
      worker: null,
      lease_until: null,
      reason: "handed back by a stopping server",
    })
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Takes runs from workers that are gone: those whose lease has ended, and at once those of workers known to be dead.
 * They are queued again, or fail when that has happened too often. Returns how many.
 */
export async function rescueRuns(db: Database, now: number, deadWorkers: readonly string[]): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const lost = await tx
      .selectFrom("runs")
      .select(["id", "interruptions"])
      .where("status", "=", "running")
      .where(({ or, eb }) =>
        or([
          eb("lease_until", "<", now),
          ...(deadWorkers.length > 0 ? [eb("worker", "in", [...deadWorkers])] : []),
        ]),
      )
      .execute();
    for (const { id, interruptions } of lost) {
      const again = interruptions + 1 < MAX_INTERRUPTIONS;
      await tx
        .updateTable("runs")
        .set({
          ...(again
            ? { status: "queued", due_at: now, reason: "interrupted: its worker was gone" }
            : {
                status: "failed",
                finished_at: now,
                reason: `interrupted ${MAX_INTERRUPTIONS} times: its worker was gone`,
              }),
          interruptions: interruptions + 1,
          worker: null,
          lease_until: null,
        })
        .where("id", "=", id)
        .execute();
    }
    return lost.length;
  });
}

/** The names of all workers that hold runs. */
export async function workersWithRuns(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom("runs")
    .select("worker")
    .distinct()
    .where("status", "=", "running")
    .execute();
  return rows.flatMap(({ worker }) => worker ?? []);
}

/** The row of a run, as long as this worker holds it in this attempt. */
function held(db: Database, { id, worker, attempt }: ClaimedRun & { worker: string }) {
  return db
    .updateTable("runs")
    .where("id", "=", id)
    .where("status", "=", "running")
    .where("worker", "=", worker)
    .where("attempt", "=", attempt);
}

/** Of each lane the first, then of each the second, until there are enough. */
function takeTurns(lanes: readonly (readonly number[])[], limit: number): number[] {
  const taken: number[] = [];
  for (let turn = 0; taken.length < limit; turn++) {
    const round = lanes.flatMap((lane) => lane[turn] ?? []);
    if (round.length === 0) break;
    taken.push(...round);
  }
  return taken.slice(0, limit);
}

/** What `lastSuccessSha` answers, in a table of its own: a hook may have a million runs, and none of this branch. */
async function noteSuccess(tx: Database, run: ClaimedRun): Promise<void> {
  const { source, repository, ref, sha } = await tx
    .selectFrom("deliveries")
    .select(["source", "repository", "ref", "sha"])
    .where("id", "=", run.deliveryId)
    .executeTakeFirstOrThrow();
  if (repository === null || ref === null || sha === null) return;
  await tx
    .insertInto("last_successes")
    .values({ hook: run.hook, source, repository, ref, sha })
    .onConflict((conflict) => conflict.columns(["hook", "source", "repository", "ref"]).doUpdateSet({ sha }))
    .execute();
}

/** The commit of the last delivery, of this source, repository and ref, that this hook ran to success for. */
export async function lastSuccessSha(
  db: Database,
  hook: string,
  about: { source: string; repository: string | null; ref: string | null },
): Promise<string | null> {
  if (about.repository === null || about.ref === null) return null;
  const row = await db
    .selectFrom("last_successes")
    .select("sha")
    .where("hook", "=", hook)
    .where("source", "=", about.source)
    .where("repository", "=", about.repository)
    .where("ref", "=", about.ref)
    .executeTakeFirst();
  return row?.sha ?? null;
}
