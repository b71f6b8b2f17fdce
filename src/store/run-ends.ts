/**
 * What comes of an attempt: the run ends, waits for another attempt, or has its hook's `on-failure` left to do. Only the
 * holder of the run's lease can write it; runs whose holder is gone are taken from it.
 */
import type { Selectable } from "kysely";
import type { Change } from "../match/notification.ts";
import { noteState } from "./hook-states.ts";
import { noteSuccess } from "./last-successes.ts";
import { lockNames, unlocked } from "./locks.ts";
import { startRuns } from "./new-runs.ts";
import { endQueued } from "./queued-runs.ts";
import { settleGroup } from "./run-groups.ts";
import type { ClaimedRun, Outcome } from "./run-queue.ts";
import type { Database } from "./store.ts";
import type { Tables } from "./tables.ts";
import { inTransaction } from "./transaction.ts";

/** A run, and the worker that has claimed it in this attempt. */
export type HeldRun = Pick<ClaimedRun, "id" | "deliveryId" | "hook" | "attempt" | "pushedAt"> & {
  worker: string;
};

type AttemptOutcome = Tables["attempts"]["outcome"];

/** A run that was interrupted this often is not tried again: it may be what kills its worker. */
export const MAX_INTERRUPTIONS = 3;

/** Nobody holds it any more. */
const RELEASED = { worker: null, lease_until: null } as const;

const IN_ATTEMPT = ["id", "attempt", "started_at", "ending", "exit_code", "signal", "reason"] as const;
const IN_INTERRUPTED = [...IN_ATTEMPT, "interruptions", "cancel_reason"] as const;

/**
 * Writes a run's end, and starts the notifications of what has changed by it for its hook.
 *
 * @param notifiers the hooks that tell of a change.
 * @returns `false` when it is no longer this worker's: then nothing is written.
 */
export async function finishRun(
  db: Database,
  run: HeldRun,
  outcome: Outcome,
  now: number,
  notifiers: (change: Change) => readonly string[] = () => [],
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const [row, about] = await Promise.all([
      held(tx, run)
        .set({ ...toColumns(outcome), ...RELEASED, status: outcome.status, ending: null, finished_at: now })
        .returning("about_run")
        .executeTakeFirst(),
      aboutOf(tx, run),
    ]);
    if (!row || !about) return false;
    const { status } = outcome;
    // Of a notification nobody is notified.
    if (row.about_run !== null || (status !== "succeeded" && status !== "failed")) return true;
    const [change] = await Promise.all([
      noteState(tx, run, about, status),
      status === "succeeded" ? noteSuccess(tx, run, about) : undefined,
    ]);
    const hooks = change ? notifiers(change) : [];
    const { id, deliveryId: delivery } = run;
    await startRuns(
      tx,
      hooks.map((hook) => ({ delivery, hook, pushedAt: null, about: change && { run: id, change }, now })),
    );
    return true;
  });
}

/**
 * Queues a run for another attempt, because this one has failed. Where a newer run of its group waits already, that
 * one takes its place; where somebody wants it to end, there is no other attempt.
 *
 * @param dueAt epoch milliseconds.
 * @returns `false` when it is no longer this worker's: then nothing is written.
 */
export async function retryRun(
  db: Database,
  run: HeldRun,
  outcome: Outcome,
  { dueAt, now }: { dueAt: number; now: number },
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    await lockGroup(tx, run);
    const row = await held(tx, run)
      .set(({ eb }) => ({
        ...toColumns(outcome),
        ...RELEASED,
        status: "queued",
        due_at: dueAt,
        failures: eb("failures", "+", 1),
      }))
      .returning([...IN_ATTEMPT, "cancel_reason", "concurrency_group", "queue"])
      .executeTakeFirst();
    if (!row) return false;
    await keepAttempt(tx, row, "failed", now);
    if (row.cancel_reason !== null) await endQueued(tx, [row.id], row.cancel_reason, now);
    const { concurrency_group: name, queue } = row;
    if (name !== null && queue !== null)
      await settleGroup(tx, { name, queue, cancelsRunning: false }, { delivery: run.deliveryId, now });
    return true;
  });
}

/**
 * Writes down how a run will end, before its hook's `on-failure` is performed: whoever has to finish that for a worker
 * that is gone knows it. From now on a wish to end the run is one to end `on-failure`.
 *
 * @returns `false` when it is no longer this worker's: then nothing is written.
 */
export async function decideEnding(db: Database, run: HeldRun, outcome: Outcome): Promise<boolean> {
  const ending = outcome.status === "cancelled" ? "cancelled" : "failed";
  const { numUpdatedRows } = await held(db, run)
    .set({ ...toColumns(outcome), ending, cancel_reason: null })
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Gives a run back unfinished, because its worker stops. That is no interruption of the run's own making.
 *
 * @returns `false` when it is no longer this worker's: then nothing is written.
 */
export async function handBackRun(db: Database, run: HeldRun, now: number): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const row = await held(tx, run)
      .set({ ...RELEASED, status: "queued", due_at: now })
      .returning([...IN_ATTEMPT, "cancel_reason"])
      .executeTakeFirst();
    if (!row) return false;
    await keepAttempt(tx, row, "handed back", now);
    if (row.ending === null)
      await tx
        .updateTable("runs")
        .set(wishOf(row.cancel_reason) ?? { reason: "handed back by a stopping server" })
        .where("id", "=", row.id)
        .execute();
    return true;
  });
}

/**
 * Queues a run again whose attempt was interrupted while its worker lives.
 *
 * @param reason for people.
 * @returns `false` when it is no longer this worker's: then nothing is written.
 */
export async function interruptRun(
  db: Database,
  run: HeldRun,
  { reason, now }: { reason: string; now: number },
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const row = await held(tx, run).set({ lease_until: now }).returning(IN_INTERRUPTED).executeTakeFirst();
    if (row) await interrupt(tx, row, reason, now);
    return row !== undefined;
  });
}

/**
 * Takes runs from workers that are gone: those whose lease has ended, and at once those of workers known to be dead.
 * They are queued again; when that has happened too often, only for what their hook does after a failure.
 *
 * @returns how many.
 */
export async function rescueRuns(db: Database, now: number, deadWorkers: readonly string[]): Promise<number> {
  return inTransaction(db, async (tx) => {
    const gone = tx
      .selectFrom("runs")
      .select(IN_INTERRUPTED)
      .where("status", "=", "running")
      .where(({ or, eb }) =>
        or([
          eb("lease_until", "<", now),
          ...(deadWorkers.length > 0 ? [eb("worker", "in", [...deadWorkers])] : []),
        ]),
      );
    const lost = await unlocked(tx, gone).execute();
    for (const run of lost) await interrupt(tx, run, "its worker was gone", now);
    return lost.length;
  });
}

/** What a run is about, by its delivery. */
function aboutOf(tx: Database, { deliveryId }: HeldRun) {
  return tx
    .selectFrom("deliveries")
    .select(["source", "repository", "ref", "sha", "received_at"])
    .where("id", "=", deliveryId)
    .executeTakeFirst();
}

/** Before its row: whoever stores a newer run has the group first, and then wants the row. */
async function lockGroup(tx: Database, { id }: HeldRun): Promise<void> {
  const row = await tx.selectFrom("runs").select("concurrency_group").where("id", "=", id).executeTakeFirst();
  await lockNames(tx, row?.concurrency_group == null ? [] : [row.concurrency_group]);
}

type Interrupted = Pick<Selectable<Tables["runs"]>, (typeof IN_INTERRUPTED)[number]>;

async function interrupt(tx: Database, run: Interrupted, reason: string, now: number): Promise<void> {
  await keepAttempt(tx, run, "interrupted", now);
  const interruptions = run.interruptions + 1;
  await tx
    .updateTable("runs")
    .set({
      ...afterInterruption(run, interruptions, reason),
      ...RELEASED,
      interruptions,
      due_at: now,
      status: "queued",
    })
    .where("id", "=", run.id)
    .execute();
}

/** A wish to end a run whose ending is decided is one to end its `on-failure`; the next worker finds it as well. */
function afterInterruption({ ending, cancel_reason }: Interrupted, interruptions: number, reason: string) {
  if (ending !== null) return {};
  const wish = wishOf(cancel_reason);
  if (wish) return wish;
  if (interruptions >= MAX_INTERRUPTIONS)
    return { ending: "failed", reason: `interrupted ${interruptions} times: ${reason}` } as const;
  return { reason: `interrupted: ${reason}` };
}

/** An attempt that somebody wanted to end is over: so is the run, but for what its hook does then. */
function wishOf(reason: string | null) {
  return reason === null ? undefined : ({ ending: "cancelled", reason, cancel_reason: null } as const);
}

/** The last attempt's outcome is in the run; this is for those before it. */
async function keepAttempt(
  tx: Database,
  run: Pick<Selectable<Tables["runs"]>, (typeof IN_ATTEMPT)[number]>,
  outcome: AttemptOutcome,
  now: number,
): Promise<void> {
  const { id, attempt, started_at, ending, exit_code, signal, reason } = run;
  await tx
    .insertInto("attempts")
    .values({
      run_id: id,
      attempt,
      outcome: ending ?? outcome,
      reason,
      exit_code,
      signal,
      started_at: started_at ?? now,
      finished_at: now,
    })
    .execute();
}

function toColumns({ exitCode, signal, reason }: Outcome) {
  return { exit_code: exitCode, signal, reason };
}

/** The row of a run, as long as this worker holds it in this attempt. */
function held(db: Database, { id, worker, attempt }: HeldRun) {
  return db
    .updateTable("runs")
    .where("id", "=", id)
    .where("status", "=", "running")
    .where("worker", "=", worker)
    .where("attempt", "=", attempt);
}
