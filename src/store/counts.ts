/** How much came and how it ended, by stretches of time: what charts and measurements are made of. */
import { sql } from "kysely";
import { firstIdSince } from "./bounded-list.ts";
import type { Run } from "./runs.ts";
import { toRun } from "./runs.ts";
import type { Database } from "./store.ts";
import type { RunStatus } from "./tables.ts";

export interface DeliveryCount {
  /** Which stretch it is of: its beginning divided by its length. */
  bucket: number;
  deliveries: number;
  /** Those that have started a run. */
  matched: number;
  /** Those that were held back. */
  replayed: number;
}

export interface RunCount {
  bucket: number;
  hook: string;
  status: RunStatus;
  runs: number;
}

/** How far apart what was stored one after the other may have come. */
const MARGIN_MS = 300_000;

/** @param since epoch milliseconds, inclusive; `until` is exclusive. */
export async function countDeliveries(
  db: Database,
  { since, until, bucketMs }: { since: number; until: number; bucketMs: number },
): Promise<DeliveryCount[]> {
  const from = await firstIdSince(db, "deliveries", since - MARGIN_MS);
  const to = await firstIdSince(db, "deliveries", until + MARGIN_MS);
  const { rows } = await sql<DeliveryCount>`
    select received_at / ${sql.lit(bucketMs)} as bucket, count(*) as deliveries, sum(replayed) as replayed,
      sum(case when exists (select 1 from runs where delivery_id = deliveries.id) then 1 else 0 end) as matched
    from deliveries
    where id >= ${from} and id < ${to} and received_at >= ${since} and received_at < ${until}
    group by 1 order by 1`.execute(db);
  return rows.map((row) => ({
    bucket: Number(row.bucket),
    deliveries: Number(row.deliveries),
    matched: Number(row.matched),
    replayed: Number(row.replayed),
  }));
}

/** Those that ended in that time. */
export async function countEndedRuns(
  db: Database,
  { since, until, bucketMs }: { since: number; until: number; bucketMs: number },
): Promise<RunCount[]> {
  const { rows } = await sql<RunCount>`
    select finished_at / ${sql.lit(bucketMs)} as bucket, hook, status, count(*) as runs
    from runs
    where finished_at is not null and finished_at >= ${since} and finished_at < ${until}
    group by 1, 2, 3`.execute(db);
  return rows.map((row) => ({ ...row, bucket: Number(row.bucket), runs: Number(row.runs) }));
}

export interface EndedTimes {
  queued_at: number;
  started_at: number | null;
  finished_at: number;
}

/** The times of those that ended last, as far back as `since`. */
export async function timesOfEndedRuns(db: Database, since: number, limit: number): Promise<EndedTimes[]> {
  const rows = await db
    .selectFrom("runs")
    .select(["queued_at", "started_at", "finished_at"])
    .where("finished_at", "is not", null)
    .where("finished_at", ">=", since)
    .orderBy("finished_at", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, finished_at: row.finished_at ?? 0 }));
}

export interface EndedRun extends EndedTimes {
  hook: string;
  status: RunStatus;
}

/** Those that ended in that time, `until` exclusive. */
export async function endedRunsBetween(db: Database, since: number, until: number): Promise<EndedRun[]> {
  const rows = await db
    .selectFrom("runs")
    .select(["hook", "status", "queued_at", "started_at", "finished_at"])
    .where("finished_at", "is not", null)
    .where("finished_at", ">=", since)
    .where("finished_at", "<", until)
    .execute();
  return rows.map((row) => ({ ...row, finished_at: row.finished_at ?? 0 }));
}

/** How a hook's newest run ended that had an outcome. */
export async function lastEndedRun(db: Database, hook: string): Promise<Run | undefined> {
  const row = await db
    .selectFrom("runs")
    .selectAll()
    .where("hook", "=", hook)
    .where("status", "in", ["succeeded", "failed"])
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && toRun(row);
}

/** How many wait, of whatever hook. */
export async function countAllQueuedRuns(db: Database): Promise<number> {
  const { runs } = await db
    .selectFrom("runs")
    .select(({ fn }) => fn.countAll<number>().as("runs"))
    .where("status", "=", sql.lit("queued"))
    .executeTakeFirstOrThrow();
  return Number(runs);
}
