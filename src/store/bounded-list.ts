/**
 * Lists that answer soon, whatever is looked for: a page looks through a limited number of rows. One that finds less than
 * was asked for still says where to go on, so that somebody who looks for something rare sees what there is at once, and
 * the rest page by page. No index has to be made, and kept by every accept, for each column that people filter by.
 */
import type { Delivery, DeliveryFilter, Page } from "./deliveries.ts";
import { listDeliveries } from "./deliveries.ts";
import { listRuns, type Run, type RunFilter } from "./runs.ts";
import type { Database } from "./store.ts";

export interface BoundedPage<T> {
  items: T[];
  /** What to say as `after` for the rest. */
  next: string | null;
}

/** As many as are looked through within some milliseconds. */
const ROWS_AT_ONCE = 10_000;
const MARGIN_MS = 300_000;

export async function pageOfDeliveries(
  db: Database,
  filter: DeliveryFilter,
  page: Page,
): Promise<BoundedPage<Delivery>> {
  const isQuick = filter.guid !== undefined || isEmpty(filter);
  if (isQuick) return whole(await listDeliveries(db, filter, page), page);
  return bounded(db, "deliveries", filter, page, (part) => listDeliveries(db, filter, part));
}

export async function pageOfRuns(db: Database, filter: RunFilter, page: Page): Promise<BoundedPage<Run>> {
  const { hook: _hook, ...others } = filter;
  const isQuick =
    filter.delivery !== undefined ||
    isEmpty(others) ||
    (filter.status === "failed" && isEmpty({ ...filter, status: undefined }));
  if (isQuick) return whole(await listRuns(db, filter, page), page);
  return bounded(db, "runs", filter, page, (part) => listRuns(db, filter, part));
}

function isEmpty(filter: object): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

function whole<T extends { id: number }>(items: T[], { limit }: Page): BoundedPage<T> {
  const last = items.at(-1);
  return { items, next: last && items.length === limit ? String(last.id) : null };
}

async function bounded<T extends { id: number }>(
  db: Database,
  table: "deliveries" | "runs",
  { since, until }: { since?: number | undefined; until?: number | undefined },
  page: Page,
  list: (page: Page) => Promise<T[]>,
): Promise<BoundedPage<T>> {
  const { first, last } = await ends(db, table);
  const untilId = until === undefined ? last + 1 : await firstIdSince(db, table, until + MARGIN_MS);
  const from = Math.min(page.after ?? last + 1, untilId);
  const lowest = since === undefined ? first : await firstIdSince(db, table, since - MARGIN_MS);
  const notBelow = Math.max(from - ROWS_AT_ONCE, lowest);
  const items = await list({ ...page, after: from, notBelow });
  const { next } = whole(items, page);
  if (next !== null) return { items, next };
  return { items, next: notBelow > lowest ? String(notBelow) : null };
}

async function ends(db: Database, table: "deliveries" | "runs"): Promise<{ first: number; last: number }> {
  const found = (which: "min" | "max") =>
    db
      .selectFrom(table)
      .select(({ fn }) => fn<number | null>(which, ["id"]).as("id"))
      .executeTakeFirst();
  // Of two at once SQLite would walk the whole table.
  return { first: Number((await found("min"))?.id ?? 0), last: Number((await found("max"))?.id ?? 0) };
}

/**
 * The first number of a row that came at this time or later, as near as their order tells: two receivers may have stored
 * what came in the same minutes in another order. Found by halving, so no index is needed for it.
 *
 * @param at epoch milliseconds.
 */
export async function firstIdSince(db: Database, table: "deliveries" | "runs", at: number): Promise<number> {
  let { first: low, last } = await ends(db, table);
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await timeOf(db, table, middle);
    if (row === undefined || row.at >= at) high = middle;
    else low = row.id + 1;
  }
  return low;
}

async function timeOf(db: Database, table: "deliveries" | "runs", id: number) {
  if (table === "deliveries")
    return db
      .selectFrom("deliveries")
      .select(["id", "received_at as at"])
      .where("id", ">=", id)
      .orderBy("id")
      .limit(1)
      .executeTakeFirst();
  return db
    .selectFrom("runs")
    .select(["id", "queued_at as at"])
    .where("id", ">=", id)
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
}
