/**
 * The one transaction between GitHub and its answer: deliveries and their runs are stored together or not at all. A
 * group of deliveries that came in at the same time shares it, and with it one wait for the disk.
 */
import type { Insertable } from "kysely";
import type { RunGroup } from "../match/concurrency.ts";
import { encodeGuid } from "./guid.ts";
import { insertRuns, redeliver } from "./new-runs.ts";
import type { Pack } from "./packing.ts";
import { NO_LIMIT, type QueueLimit } from "./queue-limit.ts";
import { execute, MAX_ROWS } from "./rows.ts";
import { SecretUses } from "./secrets.ts";
import { bodyKey, SeenBodies, type SignedBody } from "./seen-bodies.ts";
import type { Database } from "./store.ts";
import type { Tables } from "./tables.ts";
import { inTransaction } from "./transaction.ts";

/** A verified delivery on its way into the store. */
export interface Arrival {
  source: string;
  webhookId: number;
  guid: string;
  event: string;
  action: string | null;
  repository: string | null;
  ref: string | null;
  sha: string | null;
  sender: string | null;
  receivedAt: number;
  client: string | null;
  secret: string | null;
  /** Bytes of the body as received. */
  size: number;
  /** The names of the hooks that it is for. */
  hooks: readonly string[];
  /** The groups of their runs, by the hook's name, where there are any. */
  groups?: Readonly<Record<string, RunGroup>>;
  /** When GitHub took the push in, in epoch milliseconds. */
  pushedAt?: number | null;
  /** All hooks that can run now: a redelivery cannot start one that is gone or disabled. */
  loadedHooks: readonly string[];
  /** Whether a body that came before under another GUID is to be held back. */
  holdReplays: boolean;
  /** The person who made it by hand. */
  askedBy?: string;
}

/** The same with its contents packed, alone or with others of its group. */
export interface PackedArrival extends Arrival {
  pack: Pack;
  packIndex: number;
  /** SHA-256 of the body. */
  digest: Uint8Array;
}

export interface Acceptance {
  delivery: number;
  /** Whether it had been stored before. */
  duplicate: boolean;
  /** Whether it was stored and held back: its body had come before under another GUID or webhook id. */
  replayed: boolean;
  /** The runs that this request has started, also those that were cancelled at once because their queue is full. */
  runs: number[];
}

/** What whoever accepts again and again keeps from one group to the next. */
export interface AcceptMemory {
  /** How many runs of a hook may wait. */
  limit: QueueLimit;
  bodies: SeenBodies;
  secretUses: SecretUses;
}

type DeliveryRow = Insertable<Tables["deliveries"]>;

/**
 * Stores a group of deliveries.
 *
 * @param arrivals at most {@link MAX_ROWS}, in the order in which they came.
 * @param hookSet what judged them: see `hook-sets.ts`.
 * @returns what became of each, in the same order.
 */
export async function acceptGroup(
  db: Database,
  arrivals: readonly PackedArrival[],
  hookSet: number | null = null,
  memory: Partial<AcceptMemory> = {},
): Promise<Acceptance[]> {
  const { limit = NO_LIMIT, bodies = new SeenBodies(), secretUses = new SecretUses() } = memory;
  const uses = secretUses.due(arrivals);
  const acceptances = await inTransaction(db, async (tx) => {
    const packs = await insertPacks(tx, arrivals);
    const acceptances = await insertDeliveries(tx, arrivals, packs, hookSet);
    await holdReplays(tx, arrivals, acceptances, bodies);
    await bodies.remember(
      tx,
      arrivals.filter(
        (arrival, index) => isSigned(arrival) && !acceptances[index]?.duplicate,
      ) as SignedBody[],
    );
    await insertRuns(tx, arrivals, acceptances, limit);
    for (const [index, acceptance] of acceptances.entries()) {
      if (acceptance.duplicate) await redeliver(tx, arrivals[index] as PackedArrival, acceptance, limit);
    }
    await secretUses.note(tx, uses);
    await dropUnusedPacks(tx, arrivals, acceptances, packs);
    return acceptances;
  });
  secretUses.noted(uses);
  return acceptances;
}

function isSigned({ secret }: PackedArrival): boolean {
  return secret !== null;
}

async function insertPacks(tx: Database, arrivals: readonly PackedArrival[]): Promise<Map<Pack, number>> {
  const packs = new Map<Pack, number>();
  for (const { pack } of arrivals) {
    if (packs.has(pack)) continue;
    const [row] = await execute<{ id: number }>(
      tx,
      "pack",
      () => tx.insertInto("packs").values({ dictionary: 0, bytes: pack.bytes }).returning("id"),
      [pack.dictionary, pack.bytes],
    );
    packs.set(pack, row?.id ?? 0);
  }
  return packs;
}

/** What only came again needs no second copy. */
async function dropUnusedPacks(
  tx: Database,
  arrivals: readonly PackedArrival[],
  acceptances: readonly Acceptance[],
  packs: ReadonlyMap<Pack, number>,
): Promise<void> {
  const used = new Set(arrivals.filter((_, index) => !acceptances[index]?.duplicate).map(({ pack }) => pack));
  const unused = [...packs].filter(([pack]) => !used.has(pack)).map(([, id]) => id);
  if (unused.length > 0) await tx.deleteFrom("packs").where("id", "in", unused).execute();
}

function toRow(arrival: PackedArrival, pack: number, hookSet: number | null): DeliveryRow {
  return {
    source: arrival.source,
    webhook_id: arrival.webhookId,
    guid: encodeGuid(arrival.guid),
    event: arrival.event,
    action: arrival.action,
    repository: arrival.repository,
    ref: arrival.ref,
    sha: arrival.sha,
    sender: arrival.sender,
    received_at: arrival.receivedAt,
    client: arrival.client,
    secret: arrival.secret,
    replayed: 0,
    size: arrival.size,
    pack_id: pack,
    pack_index: arrival.packIndex,
    hook_set_id: hookSet,
  };
}

/** Marks the new deliveries whose body came before: stored, or earlier in this group. */
async function holdReplays(
  tx: Database,
  arrivals: readonly PackedArrival[],
  acceptances: readonly Acceptance[],
  bodies: SeenBodies,
): Promise<void> {
  if (!arrivals.some(({ holdReplays }) => holdReplays)) return;
  const seen = await bodies.find(
    tx,
    arrivals.filter((arrival) => isSigned(arrival) && arrival.holdReplays),
  );
  const held: number[] = [];
  for (const [index, acceptance] of acceptances.entries()) {
    const arrival = arrivals[index] as PackedArrival;
    if (acceptance.duplicate || !isSigned(arrival)) continue;
    const body = bodyKey(arrival);
    acceptance.replayed = arrival.holdReplays && seen.has(body);
    if (acceptance.replayed) held.push(acceptance.delivery);
    seen.add(body);
  }
  if (held.length === 0) return;
  await tx.updateTable("deliveries").set({ replayed: 1 }).where("id", "in", held).execute();
}

/** The first of a group's copies is the delivery, the others are its duplicates. */
async function insertDeliveries(
  tx: Database,
  arrivals: readonly PackedArrival[],
  packs: ReadonlyMap<Pack, number>,
  hookSet: number | null,
): Promise<Acceptance[]> {
  const rows = arrivals.map((arrival) => toRow(arrival, packs.get(arrival.pack) ?? 0, hookSet));
  const inserted = await execute<{ id: number; pack_id: number; pack_index: number }>(
    tx,
    `deliveries ${rows.length}`,
    () =>
      tx
        .insertInto("deliveries")
        .values(rows)
        .onConflict((conflict) => conflict.columns(["source", "webhook_id", "guid"]).doNothing())
        .returning(["id", "pack_id", "pack_index"]),
    rows.flatMap((row) => Object.values(row)),
  );
  const ids = new Map(inserted.map((row) => [placeOf(row), row.id]));
  return rows.map((row): Acceptance => {
    const delivery = ids.get(placeOf(row));
    return { delivery: delivery ?? 0, duplicate: delivery === undefined, replayed: false, runs: [] };
  });
}

/** Where its contents are, which no other has. */
function placeOf({ pack_id, pack_index }: { pack_id: number; pack_index: number }): number {
  return pack_id * MAX_ROWS + pack_index;
}
