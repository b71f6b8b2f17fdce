/**
 * The queue of the workers. A run is a row from the moment its delivery is stored; whoever holds its lease performs it.
 * What comes of an attempt is in `run-ends.ts`.
 */
import type { Selectable } from "kysely";
import type { Change } from "../match/notification.ts";
import { enabledAmong } from "./disabled-hooks.ts";
import { dueLanes, dueRuns, hooksWithDueRuns } from "./due-runs.ts";
import { newerSuccesses } from "./last-successes.ts";
import { hasManyWriters } from "./locks.ts";
import { IS_QUEUED } from "./queued-runs.ts";
import type { Database } from "./store.ts";
import type { Tables } from "./tables.ts";
import { inTransaction } from "./transaction.ts";

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
  /** Earlier attempts that failed by themselves. */
  failures: number;
  /** Earlier attempts whose worker was gone. */
  interruptions: number;
  /** How it will end, whatever comes of this attempt: what is left of it is its hook's `on-failure`. */
  ending: Outcome | null;
  /** The run that it tells of, where it is a notification. */
  about: { run: number; change: Change } | null;
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
  /** Of a failure: whether what performed it was gone. The attempt is made again, as after a crash. */
  isInterrupted?: boolean;
  /** Of a failure: another attempt is not made sooner. */
  retryAfterMs?: number;
}

/**
 * Claims runs that are due, for one worker. Hooks take turns, so that a hook with a long queue does not keep the
 * others waiting: of each the first, then of each the second.
 *
 * @param hooks the hooks that the worker has loaded; begin with another one every time.
 * @param elsewhere hooks that only other workers have: their runs have their place in a group as well.
 * @param inOrder those of all these that work on a delivery one after the other.
 */
export async function claimRuns(
  db: Database,
  claim: {
    worker: string;
    hooks: readonly string[];
    elsewhere?: readonly string[];
    inOrder?: ReadonlySet<string>;
    limit: number;
    now: number;
    leaseMs: number;
  },
): Promise<ClaimedRun[]> {
  const { worker, elsewhere = [], inOrder = new Set(), limit, now, leaseMs } = claim;
  // Where a transaction takes the only write lock, it is not begun in vain.
  if (!hasManyWriters(db) && !(await hasDueRuns(db, claim.hooks, now, inOrder, elsewhere))) return [];
  return inTransaction(db, async (tx) => {
    // Here, so that nothing of a hook starts once somebody has been told that it is disabled.
    const hooks = await enabledAmong(tx, [...claim.hooks, ...elsewhere]);
    const lanes = await dueLanes(tx, among(hooks, claim.hooks), { limit, now, hooks, inOrder });
    const ids = takeTurns(lanes, limit);
    if (ids.length === 0) return [];
    const claimed = tx
      .updateTable("runs")
      .set((eb) => ({
        status: "running",
        attempt: eb("attempt", "+", 1),
        started_at: now,
        worker,
        lease_until: now + leaseMs,
        // What its last attempt has left in it; how it will end is kept.
        exit_code: eb.case().when("ending", "is", null).then(null).else(eb.ref("exit_code")).end(),
        signal: eb.case().when("ending", "is", null).then(null).else(eb.ref("signal")).end(),
        reason: eb.case().when("ending", "is", null).then(null).else(eb.ref("reason")).end(),
      }))
      .where("id", "in", ids)
      .where(IS_QUEUED)
      .returning(CLAIMED);
    const [rows, newer] = await Promise.all([claimed.execute(), newerSuccesses(tx, ids)]);
    return rows
      .map((row) => toClaimed(row, newer.get(row.id) ?? null))
      .sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  });
}

const CLAIMED = [
  "id",
  "delivery_id",
  "hook",
  "attempt",
  "pushed_at",
  "forced",
  "failures",
  "interruptions",
  "ending",
  "exit_code",
  "signal",
  "reason",
  "about_run",
  "about_change",
] as const;

function toClaimed(
  row: Pick<Selectable<Tables["runs"]>, (typeof CLAIMED)[number]>,
  newerRun: number | null,
): ClaimedRun {
  const { id, delivery_id: deliveryId, hook, attempt, pushed_at: pushedAt, failures, interruptions } = row;
  const { ending: status, exit_code: exitCode, signal, reason } = row;
  const ending = status && { status, exitCode, signal, reason };
  const { about_run: told, about_change: change } = row;
  const about = told === null || change === null ? null : { run: told, change };
  return { id, deliveryId, hook, attempt, pushedAt, newerRun, failures, interruptions, ending, about };
}

/** Whether any run of these hooks is due: a look without the write lock. */
export async function hasDueRuns(
  db: Database,
  loaded: readonly string[],
  now: number,
  inOrder: ReadonlySet<string> = new Set(),
  elsewhere: readonly string[] = [],
): Promise<boolean> {
  const hooks = await enabledAmong(db, [...loaded, ...elsewhere]);
  for (const hook of await hooksWithDueRuns(db, among(hooks, loaded), now))
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

function among(hooks: readonly string[], own: readonly string[]): string[] {
  return hooks.filter((hook) => own.includes(hook));
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
