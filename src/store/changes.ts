/** What is new since somebody looked last: for those who watch. */
import { COLUMNS, type Delivery, withRuns } from "./deliveries.ts";
import { type Run, toRun } from "./runs.ts";
import type { Database } from "./store.ts";

/** The last numbers that have been given; 0 where there is nothing. */
export async function newestIds(db: Database): Promise<{ delivery: number; run: number }> {
  const newest = (table: "deliveries" | "runs") =>
    db
      .selectFrom(table)
      .select(({ fn }) => fn<number | null>("max", ["id"]).as("id"))
      .executeTakeFirst();
  return {
    delivery: Number((await newest("deliveries"))?.id ?? 0),
    run: Number((await newest("runs"))?.id ?? 0),
  };
}

/** Those with a higher number, the oldest first. */
export async function deliveriesAbove(db: Database, id: number, limit: number): Promise<Delivery[]> {
  const rows = await db
    .selectFrom("deliveries")
    .select(COLUMNS)
    .where("id", ">", id)
    .orderBy("id")
    .limit(limit)
    .execute();
  return withRuns(db, rows);
}

/** How many came by each source, of those with a number above the one and up to the other. */
export async function deliveriesBySource(
  db: Database,
  above: number,
  upTo: number,
): Promise<{ source: string; deliveries: number }[]> {
  const rows = await db
    .selectFrom("deliveries")
    .select(["source", ({ fn }) => fn.countAll<number>().as("deliveries")])
    .where("id", ">", above)
    .where("id", "<=", upTo)
    .groupBy("source")
    .execute();
  return rows.map(({ source, deliveries }) => ({ source, deliveries: Number(deliveries) }));
}

/**
 * Runs that may have changed, each once, by number.
 *
 * @param above those with a higher number.
 * @param endedSince those that have ended since then, in epoch milliseconds.
 * @param ids those that were being performed when somebody looked last.
 */
export async function runsToLookAt(
  db: Database,
  { above, endedSince, ids }: { above: number; endedSince: number; ids: readonly number[] },
  limit: number,
): Promise<Run[]> {
  const all = () => db.selectFrom("runs").selectAll();
  const rows = [
    ...(await all().where("id", ">", above).orderBy("id").limit(limit).execute()),
    ...(await all().where("status", "=", "running").limit(limit).execute()),
    ...(await all()
      .where("finished_at", "is not", null)
      .where("finished_at", ">=", endedSince)
      .orderBy("finished_at")
      .limit(limit)
      .execute()),
    ...(ids.length === 0
      ? []
      : await all()
          .where("id", "in", [...ids])
          .execute()),
  ];
  const byId = new Map(rows.map((row) => [row.id, toRun(row)]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
