/**
 * Removes what is old: deliveries whose runs are all at their end, with the runs and what is kept of them, and what only
 * they referred to. The oldest go first, in transactions of a few milliseconds, so that nobody who accepts or claims
 * meanwhile has to wait.
 *
 * What outlives a delivery: the digest of its body (see `secrets.ts`), when secrets were last used, how each hook stands
 * on each branch, and which push it has succeeded for last.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Pace } from "./pace.ts";
import type { Database, Store } from "./store.ts";
import { inTransaction } from "./transaction.ts";

export interface PruneOptions {
  /** Deliveries that came before, in epoch milliseconds; `null`: however old they are, they stay. */
  before: number | null;
  /** The oldest go until the database has no more than this in use; `null`: however large it is. */
  keepBytes: number | null;
  /** Ends it early, between two transactions. */
  signal?: AbortSignal;
}

export interface Pruned {
  deliveries: number;
  runs: number;
}

/** How many deliveries are looked at together. */
const CHUNK = 200;
/** Others get this many times as long as a transaction took. */
const REST = 3;
/** Where others wait for every transaction: a wait that nobody notices who waits for the disk at every commit. */
const AIM_MS = 3;
/** Where nobody waits, but what is taken in one go should not be too much to repeat. */
const AIM_SIDE_BY_SIDE_MS = 100;
const MIN_REST_MS = 5;

/** @returns what is gone. */
export async function prune(
  store: Pick<Store, "db" | "size" | "isRemote">,
  options: PruneOptions,
): Promise<Pruned> {
  const { signal } = options;
  const pruner = new Pruner(store, signal);
  for await (const chunk of oldDeliveries(store, options)) {
    await pruner.remove(chunk);
    if (signal?.aborted) break;
  }
  if (!signal?.aborted) await pruner.removeLeftovers(options.before);
  return pruner.pruned;
}

/** What {@link prune} would remove; with a size to keep that is an estimate. Writes nothing. */
export async function countPrunable(
  store: Pick<Store, "db" | "size">,
  options: PruneOptions,
): Promise<Pruned> {
  const counted = { deliveries: 0, runs: 0 };
  const sizes = await sizeOfOne(store);
  // As if each that has been counted were gone.
  const size = async () => {
    const now = await store.size();
    return { ...now, usedBytes: now.usedBytes - counted.deliveries * sizes };
  };
  for await (const chunk of oldDeliveries({ db: store.db, size }, options)) {
    const ended = await endedOf(store.db, chunk);
    counted.deliveries += ended.length;
    counted.runs += await countRuns(store.db, ended);
  }
  return counted;
}

async function sizeOfOne({ db, size }: Pick<Store, "db" | "size">): Promise<number> {
  const { deliveries } = await db
    .selectFrom("deliveries")
    .select(({ fn }) => fn.countAll<number>().as("deliveries"))
    .executeTakeFirstOrThrow();
  const { usedBytes } = await size();
  return usedBytes / Math.max(Number(deliveries), 1);
}

/**
 * The numbers of those that are too old or too many, the oldest first. Numbers count up with time, so the walk ends at
 * the first of them that are all young enough: a clock that was wrong for a while does not stop it.
 */
async function* oldDeliveries(
  { db, size }: Pick<Store, "db" | "size">,
  { before, keepBytes }: PruneOptions,
): AsyncGenerator<number[]> {
  for (let last = 0; ; ) {
    const isTooLarge = keepBytes !== null && (await size()).usedBytes > keepBytes;
    if (!isTooLarge && before === null) return;
    const rows = await db
      .selectFrom("deliveries")
      .select(["id", "received_at"])
      .where("id", ">", last)
      .orderBy("id")
      .limit(CHUNK)
      .execute();
    const old = rows.filter(({ received_at }) => isTooLarge || (before !== null && received_at < before));
    if (old.length === 0) return;
    yield old.map(({ id }) => id);
    last = rows.at(-1)?.id ?? last;
  }
}

class Pruner {
  readonly pruned: Pruned = { deliveries: 0, runs: 0 };
  readonly #db: Database;
  readonly #signal: AbortSignal | undefined;
  readonly #deliveries: Pace;
  readonly #output: Pace;

  constructor({ db, isRemote }: Pick<Store, "db" | "isRemote">, signal?: AbortSignal) {
    this.#db = db;
    this.#signal = signal;
    const aimMs = isRemote ? AIM_SIDE_BY_SIDE_MS : AIM_MS;
    this.#deliveries = new Pace({ first: 20, most: CHUNK, aimMs });
    // Two megabytes of output at once would take longer than everything else of a delivery together.
    this.#output = new Pace({ first: 8, most: 500, aimMs });
  }

  /** Removes those of these deliveries that are at their end. */
  async remove(deliveries: readonly number[]): Promise<void> {
    for (let start = 0; start < deliveries.length && !this.#signal?.aborted; ) {
      const some = await endedOf(this.#db, deliveries.slice(start, start + this.#deliveries.count));
      start += this.#deliveries.count;
      if (some.length === 0) continue;
      await this.#removeOutput(some);
      await this.#step(this.#deliveries, (tx) => this.#removeSome(tx, some));
    }
  }

  async removeLeftovers(before: number | null): Promise<void> {
    const db = this.#db;
    if (before !== null) await db.deleteFrom("refusals").where("at", "<", before).execute();
    const unused = await unusedHookSets(db);
    // One by one: whoever stores a delivery by one of them meanwhile keeps it.
    for (const id of unused)
      await db
        .deleteFrom("hook_sets")
        .where("id", "=", id)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom("deliveries").select("id").where("hook_set_id", "=", id))),
        )
        .execute();
  }

  async #removeOutput(deliveries: readonly number[]): Promise<void> {
    for (let isMore = true; isMore && !this.#signal?.aborted; )
      isMore = await this.#step(this.#output, async (tx) => {
        const limit = this.#output.count;
        const { numDeletedRows } = await tx
          .deleteFrom("output")
          .where(({ eb, refTuple }) =>
            eb(refTuple("run_id", "attempt", "seq"), "in", (sub) =>
              sub
                .selectFrom("output")
                .innerJoin("runs", "runs.id", "output.run_id")
                .select(["output.run_id", "output.attempt", "output.seq"])
                .where("runs.delivery_id", "in", [...deliveries])
                .limit(limit)
                .$asTuple("run_id", "attempt", "seq"),
            ),
          )
          .executeTakeFirst();
        return Number(numDeletedRows) === limit;
      });
  }

  /** The transaction has the last word on which of them are at their end. */
  async #removeSome(tx: Database, deliveries: readonly number[]): Promise<void> {
    const ended = await endedOf(tx, deliveries);
    if (ended.length === 0) return;
    const runs = await countRuns(tx, ended);
    const gone = await tx.deleteFrom("deliveries").where("id", "in", ended).returning("pack_id").execute();
    const packs = [...new Set(gone.map(({ pack_id }) => pack_id))];
    await tx
      .deleteFrom("packs")
      .where("id", "in", packs)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom("deliveries").select("id").whereRef("pack_id", "=", "packs.id"))),
      )
      .execute();
    this.pruned.deliveries += gone.length;
    this.pruned.runs += runs;
  }

  async #step<T>(pace: Pace, action: (tx: Database) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    // Measured without the wait for the lock: others are at work, but the transaction is no longer for it.
    const result = await inTransaction(this.#db, (tx) => pace.measure(() => action(tx)));
    const restMs = Math.max(REST * (performance.now() - startedAt), MIN_REST_MS);
    await delay(restMs, undefined, { signal: this.#signal }).catch(() => {});
    return result;
  }
}

/** Those of which no run waits or is performed. */
async function endedOf(db: Database, deliveries: readonly number[]): Promise<number[]> {
  if (deliveries.length === 0) return [];
  const live = await db
    .selectFrom("runs")
    .select("delivery_id")
    .where("delivery_id", "in", [...deliveries])
    .where("status", "in", ["queued", "running"])
    .execute();
  const busy = new Set(live.map(({ delivery_id }) => delivery_id));
  return deliveries.filter((id) => !busy.has(id));
}

async function countRuns(db: Database, deliveries: readonly number[]): Promise<number> {
  if (deliveries.length === 0) return 0;
  const { runs } = await db
    .selectFrom("runs")
    .select(({ fn }) => fn.countAll<number>().as("runs"))
    .where("delivery_id", "in", [...deliveries])
    .executeTakeFirstOrThrow();
  return Number(runs);
}

/** Not the newest: on a quiet server it judges still, although nothing has come for as long as deliveries are kept. */
async function unusedHookSets(db: Database): Promise<number[]> {
  const rows = await db
    .selectFrom("hook_sets")
    .select("id")
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("deliveries").select("id").whereRef("hook_set_id", "=", "hook_sets.id"))),
    )
    .where("id", "<", ({ selectFrom }) =>
      selectFrom("hook_sets").select(({ fn }) => fn.max("id").as("newest")),
    )
    .execute();
  return rows.map(({ id }) => id);
}
