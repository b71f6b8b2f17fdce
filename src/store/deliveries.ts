/** Stored deliveries, as people and runs look at them. */
import { type ExpressionBuilder, type ExpressionWrapper, expressionBuilder, type SqlBool } from "kysely";
import { decodeGuid, encodeGuid } from "./guid.ts";
import { type HeaderList, unpack } from "./packing.ts";
import type { Database } from "./store.ts";
import type { RunStatus, Tables } from "./tables.ts";

export interface Delivery {
  id: number;
  guid: string;
  source: string;
  /** `null` where the sender named none. */
  webhookId: number | null;
  event: string;
  action: string | null;
  repository: string | null;
  ref: string | null;
  sha: string | null;
  sender: string | null;
  /** Epoch milliseconds. */
  receivedAt: number;
  /** Bytes of the body as received. */
  size: number;
  replayed: boolean;
  client: string | null;
  secret: string | null;
  runs: { id: number; hook: string; status: RunStatus }[];
}

/** What a list can be narrowed down by; all that are given must fit. */
export interface DeliveryFilter {
  source?: string;
  event?: string;
  action?: string;
  repository?: string;
  sender?: string;
  /** Full, or a branch's or tag's short name. */
  ref?: string;
  /** The commit, or how it begins: as many hexadecimal digits as one has, in lower case. */
  sha?: string;
  guid?: string;
  hook?: string;
  /** Of any of its runs; `none` where it has started none, `replayed` where it was held back. */
  status?: RunStatus | "none" | "replayed";
  /** Epoch milliseconds, inclusive. */
  since?: number;
  /** Epoch milliseconds, exclusive. */
  until?: number;
}

/** A part of a list, newest first. */
export interface Page {
  limit: number;
  /** Only what comes after the item with this id. */
  after?: number;
  /** Only what is not after the item with this id; see `bounded-list.ts`. */
  notBelow?: number;
}

export const COLUMNS = [
  "id",
  "guid",
  "source",
  "webhook_id",
  "event",
  "action",
  "repository",
  "ref",
  "sha",
  "sender",
  "received_at",
  "size",
  "replayed",
  "client",
  "secret",
] as const;

export async function listDeliveries(db: Database, filter: DeliveryFilter, page: Page): Promise<Delivery[]> {
  const rows = await db
    .selectFrom("deliveries")
    .select(COLUMNS)
    .where((eb) => eb.and(conditions(eb, filter)))
    .$if(page.after !== undefined, (query) => query.where("id", "<", page.after ?? 0))
    .$if(page.notBelow !== undefined, (query) => query.where("id", ">=", page.notBelow ?? 0))
    .orderBy("id", "desc")
    .limit(page.limit)
    .execute();
  return withRuns(db, rows);
}

/** The deliveries of a hook's newest runs, the newest first. */
export async function lastDeliveriesOf(db: Database, hook: string, limit: number): Promise<Delivery[]> {
  const rows = await db
    .selectFrom("deliveries")
    .select(COLUMNS)
    .where("id", "in", (eb) =>
      eb
        .selectFrom("runs")
        .select("delivery_id")
        .where("hook", "=", hook)
        .orderBy("runs.id", "desc")
        .limit(limit),
    )
    .orderBy("id", "desc")
    .execute();
  return withRuns(db, rows);
}

export async function findDelivery(db: Database, id: number): Promise<Delivery | undefined> {
  const rows = await db.selectFrom("deliveries").select(COLUMNS).where("id", "=", id).execute();
  return (await withRuns(db, rows))[0];
}

/** What a list of runs says of their deliveries. */
export type About = Pick<Delivery, "event" | "action" | "repository" | "ref" | "sha">;

export async function aboutDeliveries(db: Database, ids: readonly number[]): Promise<Map<number, About>> {
  // SQLite knows a list of nothing, PostgreSQL does not.
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("deliveries")
    .select(["id", "event", "action", "repository", "ref", "sha"])
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map(({ id, ...about }) => [id, about]));
}

/** The kept headers, in the order in which they came, and the body as it came. `undefined` when there is none. */
export async function readContents(
  db: Database,
  id: number,
): Promise<{ headers: HeaderList; body: Buffer } | undefined> {
  const row = await db
    .selectFrom("deliveries")
    .innerJoin("packs", "packs.id", "deliveries.pack_id")
    .innerJoin("dictionaries", "dictionaries.id", "packs.dictionary")
    .select(["dictionary", "dictionaries.bytes as dictionaryBytes", "packs.bytes", "pack_index"])
    .where("deliveries.id", "=", id)
    .executeTakeFirst();
  return row && unpack({ id: row.dictionary, bytes: row.dictionaryBytes }, row.bytes, row.pack_index);
}

const ABOUT = ["source", "event", "action", "repository", "sender"] as const;

type DeliveryRow = Pick<Tables["deliveries"], Exclude<(typeof COLUMNS)[number], "id">> & { id: number };
export type Condition = ExpressionWrapper<Tables, "deliveries", SqlBool>;

/** What both deliveries and their runs can be narrowed down by. */
export function conditionsAbout({
  ref,
  ...filter
}: Pick<DeliveryFilter, (typeof ABOUT)[number] | "ref">): Condition[] {
  const eb = expressionBuilder<Tables, "deliveries">();
  const all = ABOUT.flatMap((column) => {
    const value = filter[column];
    return value === undefined ? [] : [eb(column, "=", value)];
  });
  if (ref !== undefined) all.push(eb("ref", "in", [ref, `refs/heads/${ref}`, `refs/tags/${ref}`]));
  return all;
}

function conditions(eb: ExpressionBuilder<Tables, "deliveries">, filter: DeliveryFilter): Condition[] {
  const { sha, guid, hook, status, since, until } = filter;
  const all = conditionsAbout(filter);
  // An upper bound that no digit reaches.
  if (sha !== undefined) all.push(eb("sha", ">=", sha), eb("sha", "<", `${sha}g`));
  if (guid !== undefined) all.push(eb("guid", "=", encodeGuid(guid)));
  if (since !== undefined) all.push(eb("received_at", ">=", since));
  if (until !== undefined) all.push(eb("received_at", "<", until));
  if (status === "replayed") all.push(eb("replayed", "=", 1));
  if (hook !== undefined || status !== undefined) all.push(...runConditions(eb, hook, status));
  return all;
}

function runConditions(
  eb: ExpressionBuilder<Tables, "deliveries">,
  hook: string | undefined,
  status: DeliveryFilter["status"],
): Condition[] {
  let runs = eb.selectFrom("runs").select("runs.id").whereRef("runs.delivery_id", "=", "deliveries.id");
  if (hook !== undefined) runs = runs.where("runs.hook", "=", hook);
  if (status === "none") return [eb("replayed", "=", 0), eb.not(eb.exists(runs))];
  if (status === "replayed") return hook === undefined ? [] : [eb.exists(runs)];
  if (status !== undefined) runs = runs.where("runs.status", "=", status);
  return [eb.exists(runs)];
}

export async function withRuns(db: Database, rows: readonly DeliveryRow[]): Promise<Delivery[]> {
  if (rows.length === 0) return [];
  const runs = await db
    .selectFrom("runs")
    .select(["id", "delivery_id", "hook", "status"])
    .where(
      "delivery_id",
      "in",
      rows.map(({ id }) => id),
    )
    .orderBy("id")
    .execute();
  const byDelivery = Map.groupBy(runs, (run) => run.delivery_id);
  return rows.map(({ guid, webhook_id, received_at, replayed, ...row }) => ({
    ...row,
    guid: decodeGuid(guid),
    webhookId: webhook_id === 0 ? null : webhook_id,
    receivedAt: received_at,
    replayed: replayed === 1,
    runs: (byDelivery.get(row.id) ?? []).map(({ id, hook, status }) => ({ id, hook, status })),
  }));
}
