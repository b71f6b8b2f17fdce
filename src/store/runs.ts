/** Runs, as people look at them. What workers do with them is in `run-queue.ts`. */
import { type ExpressionBuilder, type ExpressionWrapper, type Selectable, type SqlBool, sql } from "kysely";
import { conditionsAbout, type Condition as DeliveryCondition, type Page } from "./deliveries.ts";
import type { Database } from "./store.ts";
import type { RunStatus, Tables } from "./tables.ts";

export interface Run {
  id: number;
  hook: string;
  deliveryId: number;
  status: RunStatus;
  /** Why it ended as it did, where an exit code does not say it. */
  reason: string | null;
  /** 0 until it was claimed for the first time. */
  attempt: number;
  exitCode: number | null;
  signal: string | null;
  retryOf: number | null;
  /** The person who wanted it; `null` where a delivery did. */
  askedBy: string | null;
  /** Why whoever performs it is to stop. */
  cancelReason: string | null;
  /** The name of its concurrency group. */
  group: string | null;
  worker: string | null;
  /** Epoch milliseconds, as all times here. */
  queuedAt: number;
  /** When it may start, or could have started. */
  dueAt: number;
  startedAt: number | null;
  finishedAt: number | null;
}

export interface RunFilter {
  hook?: string;
  status?: RunStatus | readonly RunStatus[];
  source?: string;
  event?: string;
  action?: string;
  repository?: string;
  sender?: string;
  ref?: string;
  since?: number;
  until?: number;
  delivery?: number;
}

/** Newest first. */
export async function listRuns(db: Database, filter: RunFilter, page: Page): Promise<Run[]> {
  const rows = await db
    .selectFrom("runs")
    .selectAll()
    .where((eb) => eb.and(conditions(eb, filter, page)))
    .$if(page.after !== undefined, (query) => query.where("id", "<", page.after ?? 0))
    .$if(page.notBelow !== undefined, (query) => query.where("id", ">=", page.notBelow ?? 0))
    .orderBy("id", "desc")
    .limit(page.limit)
    .execute();
  return rows.map(toRun);
}

export async function findRun(db: Database, id: number): Promise<Run | undefined> {
  const row = await db.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toRun(row);
}

/** The numbers of the runs that try this one once more. */
export async function retriesOf(db: Database, id: number): Promise<number[]> {
  const rows = await db.selectFrom("runs").select("id").where("retry_of", "=", id).orderBy("id").execute();
  return rows.map((row) => row.id);
}

/** Those of the runs that are at their end, the oldest first. */
export async function endedRuns(db: Database, ids: readonly number[]): Promise<Run[]> {
  const rows = await db
    .selectFrom("runs")
    .selectAll()
    .where("id", "in", [...ids])
    .where("finished_at", "is not", null)
    .orderBy("id")
    .execute();
  return rows.map(toRun);
}

/** How many runs of a hook wait. */
export async function countQueuedRuns(db: Database, hook: string): Promise<number> {
  const { runs } = await db
    .selectFrom("runs")
    .select(({ fn }) => fn.countAll<number>().as("runs"))
    .where("hook", "=", hook)
    .where("status", "=", sql.lit("queued"))
    .executeTakeFirstOrThrow();
  return Number(runs);
}

/** Since when the run of a hook waits that has been due for longest: epoch milliseconds. `undefined` when none is due. */
export async function waitingSince(db: Database, hook: string, now: number): Promise<number | undefined> {
  const row = await db
    .selectFrom("runs")
    .select("due_at")
    .where("hook", "=", hook)
    .where("status", "=", sql.lit("queued"))
    .where("due_at", "<=", now)
    .orderBy("due_at")
    .limit(1)
    .executeTakeFirst();
  return row?.due_at;
}

/** Whether a worker that is alive has runs in its hands. */
export async function isAnyRunHeld(db: Database, now: number): Promise<boolean> {
  const row = await db
    .selectFrom("runs")
    .select("id")
    .where("status", "=", sql.lit("running"))
    .where("lease_until", ">", now)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many runs are being performed, of whatever hook. */
export async function countRunningRuns(db: Database): Promise<number> {
  const { runs } = await db
    .selectFrom("runs")
    .select(({ fn }) => fn.countAll<number>().as("runs"))
    .where("status", "=", sql.lit("running"))
    .executeTakeFirstOrThrow();
  return Number(runs);
}

type Condition = ExpressionWrapper<Tables, "runs", SqlBool>;

function conditions(eb: ExpressionBuilder<Tables, "runs">, filter: RunFilter, page: Page): Condition[] {
  const { hook, status, since, until, delivery } = filter;
  const all: Condition[] = [];
  if (hook !== undefined) all.push(eb("hook", "=", hook));
  // With one status there is an index that is for it alone.
  if (typeof status === "string") all.push(eb("status", "=", status));
  else if (status !== undefined) all.push(eb("status", "in", [...status]));
  if (delivery !== undefined) all.push(eb("delivery_id", "=", delivery));
  if (since !== undefined) all.push(eb("queued_at", ">=", since));
  if (until !== undefined) all.push(eb("queued_at", "<", until));
  const about = conditionsAbout(filter);
  if (about.length > 0) all.push(isOfDelivery(eb, about, page));
  return all;
}

function isOfDelivery(
  eb: ExpressionBuilder<Tables, "runs">,
  about: readonly DeliveryCondition[],
  { notBelow }: Page,
): Condition {
  const deliveries = eb
    .selectFrom("deliveries")
    .select("deliveries.id")
    .whereRef("deliveries.id", "=", "runs.delivery_id")
    .where(({ and }) => and([...about]));
  // An offset keeps PostgreSQL from walking all deliveries where those of a part of the runs are to be looked up.
  return eb.exists(notBelow === undefined ? deliveries : deliveries.limit(1).offset(0));
}

type RunRow = Selectable<Tables["runs"]>;

export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    hook: row.hook,
    deliveryId: row.delivery_id,
    status: row.status,
    reason: row.reason,
    attempt: row.attempt,
    exitCode: row.exit_code,
    signal: row.signal,
    retryOf: row.retry_of,
    askedBy: row.asked_by,
    cancelReason: row.cancel_reason,
    group: row.concurrency_group,
    worker: row.worker,
    queuedAt: row.queued_at,
    dueAt: row.due_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}
