/**
 * The runs of one hook that are due and need not wait for another. A run waits while one of its concurrency group is
 * performed, and for those of its group that came earlier. Some hooks work on a delivery one after the other, in the
 * order in which their runs were stored: a run of theirs waits while an earlier one of the same delivery is not at its
 * end.
 */
import { type Expression, sql } from "kysely";
import { hasManyWriters, unlocked } from "./locks.ts";
import { IS_QUEUED } from "./queued-runs.ts";
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

/** The same of several hooks, about to be claimed: a list for each, in the same order, with enough in all of them. */
export async function dueLanes(tx: Database, lanes: readonly string[], query: DueQuery): Promise<number[][]> {
  if (lanes.length === 0) return [];
  if (hasManyWriters(tx)) return lanesTogether(tx, lanes, query);
  const found: number[][] = [];
  for (const hook of await hooksWithDueRuns(tx, lanes, query.now)) {
    const ids = await dueRuns(tx, hook, query);
    if (ids.length > 0) found.push(ids);
    // The first of each is enough.
    if (found.length === query.limit) break;
  }
  return found;
}

/** Those of the hooks that have runs that are due, in the same order; some of these may have to wait for others. */
export async function hooksWithDueRuns(
  db: Database,
  hooks: readonly string[],
  now: number,
): Promise<string[]> {
  if (hooks.length === 0) return [];
  // One question for all of them, with a look at the index for each.
  const { rows } = await sql<{ hook: string }>`
    with lanes (hook) as (values ${sql.join(hooks.map((hook) => sql`(${hook})`))})
    select hook from lanes where exists (
      select 1 from runs where runs.hook = lanes.hook and runs.status = 'queued' and runs.due_at <= ${now}
    )`.execute(db);
  const waiting = new Set(rows.map(({ hook }) => hook));
  return hooks.filter((hook) => waiting.has(hook));
}

/**
 * Over a network each statement takes its time, and PostgreSQL plans each anew: so all lanes are looked at in one, and as
 * few runs are locked as will do. Mostly the first of each lane is enough; others claim the next ones meanwhile.
 */
async function lanesTogether(tx: Database, lanes: readonly string[], query: DueQuery): Promise<number[][]> {
  const firsts = await headsOf(tx, lanes, { ...query, limit: 1 }, query.limit);
  if (firsts.size === 0 || firsts.size >= query.limit) return [...firsts.values()];
  const hit = lanes.filter((hook) => firsts.has(hook));
  return [...(await headsOf(tx, hit, query)).values()];
}

/** @param atMost so many of all lanes together. */
async function headsOf(
  tx: Database,
  lanes: readonly string[],
  query: DueQuery,
  atMost?: number,
): Promise<Map<string, number[]>> {
  const hook = sql.ref<string>("lanes.hook");
  const { free = [], ordered = [] } = Object.groupBy(lanes, (lane) =>
    query.inOrder.has(lane) ? "ordered" : "free",
  );
  const [some, others] = await Promise.all([
    headsBy(tx, free, unlocked(tx, headOfLane(tx, hook, query), "due"), atMost),
    headsBy(tx, ordered, headInOrder(tx, hook, query), atMost).then((heads) => stillQueued(tx, heads)),
  ]);
  const heads = Map.groupBy([...some, ...others], (head) => head.hook);
  return new Map(
    lanes.flatMap((lane) => {
      const found = heads.get(lane);
      return found ? [[lane, found.map(({ id }) => id)] as const] : [];
    }),
  );
}

type Head = { hook: string; id: number };

/**
 * PostgreSQL is told to go along the indexes: before it knows how many runs wait it takes them for few, and would put a
 * hundred thousand in order.
 */
async function headsBy(
  tx: Database,
  lanes: readonly string[],
  head: Expression<unknown>,
  atMost?: number,
): Promise<Head[]> {
  if (lanes.length === 0) return [];
  const settings = ["sort", "seqscan", "bitmapscan"];
  const [, { rows }] = await Promise.all([
    sql.raw(settings.map((name) => `set local enable_${name} = off`).join("; ")).execute(tx),
    sql<Head>`
      select lanes.hook, head.id
      from unnest(${[...lanes]}::text[]) as lanes (hook) cross join lateral (${head}) as head
      limit ${atMost ?? null}::bigint`.execute(tx),
  ]);
  return rows;
}

/** What several steps have found cannot leave out what another is just claiming. */
async function stillQueued(tx: Database, heads: readonly Head[]): Promise<Head[]> {
  if (heads.length === 0) return [];
  const ids = heads.map(({ id }) => id);
  const queued = tx.selectFrom("runs").select("id").where("id", "in", ids).where(IS_QUEUED);
  const rows = await unlocked(tx, queued).execute();
  const mine = new Set(rows.map(({ id }) => id));
  return heads.filter(({ id }) => mine.has(id));
}

function dueRunsQuery(db: Database, hook: string, query: DueQuery) {
  return query.inOrder.has(hook) ? headInOrder(db, hook, query) : headOfLane(db, hook, query);
}

function headInOrder(db: Database, hook: string | Expression<string>, query: DueQuery) {
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

// Each a question of its own: with an OR between them SQLite finds no plan once it has statistics. And each with an offset,
// by which PostgreSQL asks it anew for each run, with a look at the index: joined it goes through all that waits for each run,
// as long as it takes that for little.

const GROUP_IS_FREE = sql<boolean>`not exists (
  select 1 from runs as performed
  where performed.concurrency_group = due.concurrency_group and performed.status = 'running'
  limit 1 offset 0
)`;

// In the words of the index of groups, and of no other; and no bare `hook`, whose index would lead through all runs that a
// hook has ever had.
const isFirstOfGroup = (hooks: readonly string[]) => sql<boolean>`not exists (
  select 1 from runs as first
  where first.concurrency_group = due.concurrency_group and first.id < due.id
    and first.status in ('queued', 'running') and first.status <> 'running'
    and first.hook || '' in (${sql.join(hooks)})
  limit 1 offset 0
)`;

const isFirstOfDelivery = (inOrder: readonly string[]) => sql<boolean>`not exists (
  select 1 from runs as earlier
  where earlier.delivery_id = due.delivery_id and earlier.id < due.id
    and earlier.status in ('queued', 'running') and earlier.hook in (${sql.join(inOrder)})
  limit 1 offset 0
)`;
