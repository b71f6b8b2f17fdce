/**
 * The queue of the workers. A run is a row from the moment its delivery is stored; whoever holds its lease performs it,
 * and only the holder can write its end.
 */
import { sql } from "kysely";
import { dueRuns } from "./due-runs.ts";
import { newerSuccesses, noteSuccess } from "./last-successes.ts";
import type { Database } from "./store.ts";

/** A run in the hands of a worker. */
export interface ClaimedRun {
  id: number;
  deliveryId: number;
  hook: string;
  attempt: number;
  /** When GitHub took its push in, in epoch milliseconds. */
  pushedAt: number | null;
  /** The run of a newer push that its hook had run to success for when it was claimed, unless it is forced. */
  newerRun: number | null;
}

/** How an attempt ended. That a script failed is a fact, not an exception. */
export interface Outcome {
  /** `skipped`: only its worker could know that it is not to happen. */
  status: "succeeded" | "failed" | "cancelled" | "skipped";
  exitCode: number | null;
  signal: string | null;
  reason: string | null;
  /** Of a failure: whether another attempt would end like this one, whatever the hook's `retry` says. */
  isHopeless?: boolean;
  /** Of a failure: another attempt is not made sooner. */
  retryAfterMs?: number;
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
      const due = await dueRuns(tx, hook, { limit, now, hooks, inOrder });
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
      .returning(["id", "delivery_id", "hook", "attempt", "pushed_at", "forced"])
      .execute();
    const newer = await newerSuccesses(tx, rows);
    return rows
      .map(({ id, delivery_id, hook, attempt, pushed_at }) => ({
        id,
        deliveryId: delivery_id,
        hook,
        attempt,
        pushedAt: pushed_at,
        newerRun: newer.get(id) ?? null,
      }))
      .sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  });
}

/** Nobody holds it any more. */
const ENDED = { worker: null, lease_until: null } as const;

/** Whether any run of these hooks is due: a look without the write lock. */
export async function hasDueRuns(
  db: Database,
  hooks: readonly string[],
  now: number,
  inOrder: ReadonlySet<string> = new Set(),
): Promise<boolean> {
  if (hooks.length === 0) return false;
  // One question for the usual case, that nothing waits.
  const waiting = await db
    .selectFrom("runs")
    .select("id")
    .where("status", "=", sql.lit("queued"))
    .where("hook", "in", [...hooks])
    .where("due_at", "<=", now)
    .limit(1)
    .executeTakeFirst();
  if (!waiting) return false;
  for (const hook of hooks)
    if ((await dueRuns(db, hook, { limit: 1, now, hooks, inOrder })).length > 0) return true;
  return false;
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

/** The runs in a worker's hands that somebody wants to end, by their number, each with the reason. */
export async function cancelledRuns(db: Database, worker: string): Promise<Map<number, string>> {
  const rows = await db
    .selectFrom("runs")
    .select(["id", "cancel_reason"])
    .where("status", "=", "running")
    .where("worker", "=", worker)
    .where("cancel_reason", "is not", null)
    .execute();
  return new Map(rows.map(({ id, cancel_reason }) => [id, cancel_reason ?? ""]));
}

/** Gives a run back unfinished, because its worker stops. That is no interruption of the run's own making. */
export async function handBackRun(
  db: Database,
  run: ClaimedRun & { worker: string },
  now: number,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const cancelled = await held(tx, run)
      .set(({ ref }) => ({ ...ENDED, status: "cancelled", reason: ref("cancel_reason"), finished_at: now }))
      .where("cancel_reason", "is not", null)
      .executeTakeFirst();
    const handedBack = await held(tx, run)
      .set({ ...ENDED, status: "queued", due_at: now, reason: "handed back by a stopping server" })
      .executeTakeFirst();
    return cancelled.numUpdatedRows + handedBack.numUpdatedRows > 0n;
  });
}

/**
 * Takes runs from workers that are gone: those whose lease has ended, and at once those of workers known to be dead.
 * They are queued again, or fail when that has happened too often. Returns how many.
 */
export async function rescueRuns(db: Database, now: number, deadWorkers: readonly string[]): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const lost = await tx
      .selectFrom("runs")
      .select(["id", "interruptions", "cancel_reason"])
      .where("status", "=", "running")
      .where(({ or, eb }) =>
        or([
          eb("lease_until", "<", now),
          ...(deadWorkers.length > 0 ? [eb("worker", "in", [...deadWorkers])] : []),
        ]),
      )
      .execute();
    for (const { id, interruptions, cancel_reason } of lost)
      await tx
        .updateTable("runs")
        .set({
          ...afterLoss(interruptions + 1, cancel_reason, now),
          ...ENDED,
          interruptions: interruptions + 1,
        })
        .where("id", "=", id)
        .execute();
    return lost.length;
  });
}

function afterLoss(interruptions: number, cancelReason: string | null, now: number) {
  if (cancelReason !== null) return { status: "cancelled", finished_at: now, reason: cancelReason } as const;
  if (interruptions < MAX_INTERRUPTIONS)
    return { status: "queued", due_at: now, reason: "interrupted: its worker was gone" } as const;
  const reason = `interrupted ${MAX_INTERRUPTIONS} times: its worker was gone`;
  return { status: "failed", finished_at: now, reason } as const;
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
