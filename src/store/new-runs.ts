/** The runs of a delivery, stored with it: one for each hook that it is for, and on a redelivery those that failed once more. */
import type { Insertable } from "kysely";
import type { RunGroup } from "../match/concurrency.ts";
import type { Change } from "../match/notification.ts";
import type { Acceptance, Arrival } from "./accept.ts";
import { encodeGuid } from "./guid.ts";
import { lockNames } from "./locks.ts";
import { NO_LIMIT, type QueueLimit } from "./queue-limit.ts";
import { execute, MAX_ROWS } from "./rows.ts";
import { settleGroup } from "./run-groups.ts";
import type { Database } from "./store.ts";
import type { Tables } from "./tables.ts";

type RunRow = Insertable<Tables["runs"]>;

export interface NewRun {
  delivery: number;
  hook: string;
  group?: RunGroup;
  pushedAt: number | null;
  retryOf?: number;
  /** Whether it is performed although a newer one has succeeded. */
  force?: boolean;
  /** The person who wants it; absent where a delivery does. */
  askedBy?: string;
  /** The run that it tells of, where it is a notification. */
  about?: { run: number; change: Change };
  now: number;
}

/** @param acceptances of the arrivals, in the same order; they are told the runs that they have started. */
export async function insertRuns(
  tx: Database,
  arrivals: readonly Arrival[],
  acceptances: readonly Acceptance[],
  limit: QueueLimit,
): Promise<void> {
  const owners = new Map<number, Acceptance>();
  const runs = acceptances.flatMap((acceptance, index) => {
    const arrival = arrivals[index];
    if (!arrival || acceptance.duplicate || acceptance.replayed) return [];
    owners.set(acceptance.delivery, acceptance);
    return runsOf(arrival, acceptance.delivery);
  });
  for (const { id, delivery_id } of await insertRunRows(tx, runs, limit))
    owners.get(delivery_id)?.runs.push(id);
}

function runsOf(arrival: Arrival, delivery: number): NewRun[] {
  const { hooks, groups = {}, pushedAt = null, askedBy, receivedAt: now } = arrival;
  return hooks.map((hook) => ({ delivery, hook, group: groups[hook], pushedAt, askedBy, now }));
}

/** Runs of one delivery. Returns their numbers, in the same order; one that finds its hook's queue full is cancelled. */
export async function startRuns(
  tx: Database,
  runs: readonly NewRun[],
  limit: QueueLimit = NO_LIMIT,
): Promise<number[]> {
  return (await insertRunRows(tx, runs, limit)).map(({ id }) => id);
}

type Inserted = { id: number; delivery_id: number };

async function insertRunRows(tx: Database, runs: readonly NewRun[], limit: QueueLimit): Promise<Inserted[]> {
  await lockNames(
    tx,
    runs.flatMap(({ group }) => group?.name ?? []),
  );
  const full = await limit.full(tx, runs);
  const rows = runs.map((run) => toRow(run, full.has(run) ? limit.reason : null));
  const inserted: Inserted[] = [];
  for (let start = 0; start < rows.length; start += MAX_ROWS)
    inserted.push(...(await insertSome(tx, rows.slice(start, start + MAX_ROWS))));
  await settleGroups(
    tx,
    runs.filter((run) => !full.has(run)),
  );
  return inserted;
}

function insertSome(tx: Database, rows: readonly RunRow[]): Promise<Inserted[]> {
  return execute(
    tx,
    `runs ${rows.length}`,
    () => tx.insertInto("runs").values(rows).returning(["id", "delivery_id"]),
    rows.flatMap((row) => Object.values(row)),
  );
}

/** @param refusal why it is not to be performed. */
function toRow(run: NewRun, refusal: string | null): RunRow {
  const { delivery, hook, group, pushedAt, retryOf, force = false, askedBy, about, now } = run;
  return {
    delivery_id: delivery,
    hook,
    status: refusal === null ? "queued" : "cancelled",
    reason: refusal,
    queued_at: now,
    due_at: now,
    finished_at: refusal === null ? null : now,
    retry_of: retryOf ?? null,
    concurrency_group: group?.name ?? null,
    queue: group?.queue ?? null,
    pushed_at: pushedAt,
    forced: force ? 1 : 0,
    asked_by: askedBy ?? null,
    about_run: about?.run ?? null,
    about_change: about?.change ?? null,
  };
}

/** Each group once, by what its newest run says. */
async function settleGroups(tx: Database, runs: readonly NewRun[]): Promise<void> {
  const newest = new Map(runs.flatMap((run) => (run.group ? [[run.group.name, run] as const] : [])));
  for (const { group, delivery, now } of newest.values())
    if (group) await settleGroup(tx, group, { delivery, now });
}

/**
 * GitHub's *Redeliver* button: a hook whose last run for this delivery failed gets another run. Nothing of the new
 * request counts but the key, so a forged header or another body can change nothing.
 */
export async function redeliver(
  tx: Database,
  arrival: Arrival,
  acceptance: Acceptance,
  limit: QueueLimit,
): Promise<void> {
  const { id } = await tx
    .selectFrom("deliveries")
    .select("id")
    .where("source", "=", arrival.source)
    .where("webhook_id", "=", arrival.webhookId)
    .where("guid", "=", encodeGuid(arrival.guid))
    .executeTakeFirstOrThrow();
  acceptance.delivery = id;

  const runs = await tx
    .selectFrom("runs")
    .select(["id", "hook", "status", "concurrency_group", "queue", "pushed_at"])
    .where("delivery_id", "=", id)
    .where("about_run", "is", null)
    .orderBy("id")
    .execute();
  const lastOfHook = new Map(runs.map((run) => [run.hook, run]));
  const again = [...lastOfHook.values()]
    .filter(({ hook, status }) => status === "failed" && arrival.loadedHooks.includes(hook))
    .map((run): NewRun => ({ ...retryOf(run), delivery: id, now: arrival.receivedAt }));
  acceptance.runs = await startRuns(tx, again, limit);
}

/** In the same group, and as old as it was. */
function retryOf(run: {
  id: number;
  hook: string;
  concurrency_group: string | null;
  queue: RunGroup["queue"] | null;
  pushed_at: number | null;
}): Omit<NewRun, "delivery" | "now"> {
  const { id, hook, concurrency_group: name, queue, pushed_at: pushedAt } = run;
  const group = name !== null && queue !== null ? { name, queue, cancelsRunning: false } : undefined;
  return { hook, group, pushedAt, retryOf: id };
}
