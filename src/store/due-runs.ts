/**
 * The runs of one hook that are due and need not wait for another. A run waits while one of its concurrency group is
 * performed, and for those of its group that came earlier. Some hooks work on a delivery one after the other, in the
 * order in which their runs were stored: a run of theirs waits while an earlier one of the same delivery is not at its
 * end.
 */
import { type Expression, sql } from "kysely";
import { hasManyWriters, unlocked } from "./locks.ts";
import type { Database } from "./store.ts";
import type { RunStatus } from "./tables.ts";

export interface DueQuery {
  limit: number;
  now: number;
  /** All hooks that some worker can run: nobody waits for a run of another, which may never come. */
  hooks: readonly string[];
  /** Those of them that work on a delivery one after the other. */
  inOrder: ReadonlySet<string>;
}

/**
 * How far into the queue of a hook is looked for a run that need not wait, so that a long queue does not make claiming
 * slow. What the first ones wait for is itself first in its queue, or being performed.
 */
const LOOK_AHEAD = 1_000;

const QUEUED = sql.lit<RunStatus>("queued");

/** The ids of a hook's runs that are due and wait for no other; those that have been due for longest come first. */
export async function dueRuns(db: Database, hook: string, query: DueQuery): Promise<number[]> {
  const rows = await dueRunsQuery(db, hook, query).execute();
  return rows.map(({ id }) => id);
}

/** The same of several hooks, about to be claimed: a list for each, in the same order. */
export async function dueLanes(tx: Database, lanes: readonly string[], query: DueQuery): Promise<number[][]> {
  const found = new Map<string, number[]>();
  const together = hasManyWriters(tx) ? lanes.filter((hook) => !query.inOrder.has(hook)) : [];
  if (together.length > 0)
    for (const { hook, id } of await lanesTogether(tx, together, query))
      found.set(hook, [...(found.get(hook) ?? []), id]);
  for (const hook of lanes)
    if (!together.includes(hook)) found.set(hook, await stillQueued(tx, await dueRuns(tx, hook, query)));
  return lanes.map((hook) => found.get(hook) ?? []);
}

/** Where several claim side by side: a query of several steps cannot leave out those that another is just claiming. */
async function stillQueued(tx: Database, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0 || !hasManyWriters(tx)) return [...ids];
  const queued = tx
    .selectFrom("runs")
    .select("id")
    .where("id", "in", [...ids])
    .where("status", "=", QUEUED);
  const rows = await unlocked(tx, queued).execute();
  const mine = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => mine.has(id));
}

/**
 * In one statement, since over a network each takes its time, and PostgreSQL plans each anew. It is told to go along the
 * indexes: before it knows how many runs wait it takes them for few, and would put a hundred thousand in order.
 */
async function lanesTogether(tx: Database, lanes: readonly string[], query: DueQuery) {
  const settings = ["sort", "hashjoin", "mergejoin", "bitmapscan", "material"];
  await sql.raw(settings.map((name) => `set local enable_${name} = off`).join("; ")).execute(tx);
  const head = unlocked(tx, headOfLane(tx, sql.ref<string>("lanes.hook"), query), "due");
  const { rows } = await sql<{ hook: string; id: number }>`
    select lanes.hook, head.id from unnest(${[...lanes]}::text[]) as lanes (hook) cross join lateral (${head}) as head
  `.execute(tx);
  return rows;
}

export function dueRunsQuery(db: Database, hook: string, query: DueQuery) {
  if (!query.inOrder.has(hook)) return headOfLane(db, hook, query);
  const { limit, now, hooks, inOrder } = query;
  const columns = ["due.id", "due.due_at", "due.delivery_id", "due.concurrency_group"] as const;
  return db
    .selectFrom(laneOf(db, hook, now).select(columns).limit(LOOK_AHEAD).as("due"))
    .select("due.id")
    .where(GROUP_IS_FREE)
    .where(isFirstOfGroup(hooks))
    .where(isFirstOfDelivery([...inOrder]))
    .orderBy("due.due_at")
    .orderBy("due.id")
    .limit(limit);
}

function headOfLane(db: Database, hook: string | Expression<string>, { limit, now, hooks }: DueQuery) {
  const due = laneOf(db, hook, now).select("due.id");
  return due.where(GROUP_IS_FREE).where(isFirstOfGroup(hooks)).limit(limit);
}

/** @param hook its name, or where that stands. */
function laneOf(db: Database, hook: string | Expression<string>, now: number) {
  return db
    .selectFrom("runs as due")
    .where("due.hook", "=", hook)
    .where("due.status", "=", QUEUED)
    .where("due.due_at", "<=", now)
    .orderBy("due.due_at")
    .orderBy("due.id");
}

// Each a question of its own: with an OR between them SQLite finds no plan once it has statistics.

const GROUP_IS_FREE = sql<boolean>`not exists (
  select 1 from runs as performed
  where performed.concurrency_group = due.concurrency_group and performed.status = 'running'
)`;

// Said twice, in the words of the index of groups; and no bare `hook`, whose index would lead through all runs that a hook
// has ever had.
const isFirstOfGroup = (hooks: readonly string[]) => sql<boolean>`not exists (
  select 1 from runs as first
  where first.concurrency_group = due.concurrency_group and first.id < due.id
    and first.status in ('queued', 'running') and first.status = 'queued'
    and first.hook || '' in (${sql.join(hooks)})
)`;

const isFirstOfDelivery = (inOrder: readonly string[]) => sql<boolean>`not exists (
  select 1 from runs as earlier
  where earlier.delivery_id = due.delivery_id and earlier.id < due.id
    and earlier.status in ('queued', 'running') and earlier.hook in (${sql.join(inOrder)})
)`;
