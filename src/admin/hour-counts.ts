/**
 * How much came and ended in each hour. An hour that is over for a while does not change any more (what is pruned has
 * still been there), so it is counted once, and a month of a million deliveries costs as much as the last hour.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { countDeliveries, countEndedRuns } from "../store/counts.ts";
import type { Database } from "../store/store.ts";

export interface Ended {
  succeeded: number;
  failed: number;
  cancelled: number;
  skipped: number;
}

export interface Counts {
  deliveries: { matched: number; unmatched: number; replayed: number };
  /** By hook. */
  ended: ReadonlyMap<string, Ended>;
}

export const HOUR_MS = 3_600_000;
/** By then clocks that differ and commits that take long have come to rest. */
const SETTLED_AFTER_MS = 600_000;
const KEPT_HOURS = 24 * 366;

export class HourCounts {
  readonly #db: Database;
  readonly #settled = new Map<number, Counts>();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Of every bucket, in order.
   *
   * @param since a multiple of `bucketMs`, as `until` is; epoch milliseconds.
   * @param bucketMs an hour or several, or a part of an hour.
   */
  async of({
    since,
    until,
    bucketMs,
  }: {
    since: number;
    until: number;
    bucketMs: number;
  }): Promise<Counts[]> {
    if (bucketMs % HOUR_MS !== 0) return this.#count({ since, until, bucketMs });
    const buckets: Counts[] = [];
    for (let at = since; at < until; at += bucketMs) {
      const hours: Counts[] = [];
      for (let hour = at; hour < at + bucketMs; hour += HOUR_MS) hours.push(await this.#hour(hour));
      buckets.push(sumOf(hours));
    }
    return buckets;
  }

  async #hour(at: number): Promise<Counts> {
    const known = this.#settled.get(at);
    if (known) return known;
    const [counts = NOTHING] = await this.#count({ since: at, until: at + HOUR_MS, bucketMs: HOUR_MS });
    if (Date.now() > at + HOUR_MS + SETTLED_AFTER_MS) this.#keep(at, counts);
    // Others want to be answered, too.
    await breathe();
    return counts;
  }

  #keep(at: number, counts: Counts): void {
    this.#settled.set(at, counts);
    const [oldest] = this.#settled.keys();
    if (this.#settled.size > KEPT_HOURS && oldest !== undefined) this.#settled.delete(oldest);
  }

  async #count(range: { since: number; until: number; bucketMs: number }): Promise<Counts[]> {
    const { since, until, bucketMs } = range;
    const deliveries = new Map((await countDeliveries(this.#db, range)).map((one) => [one.bucket, one]));
    const ended = Map.groupBy(await countEndedRuns(this.#db, range), ({ bucket }) => bucket);
    const first = since / bucketMs;
    return Array.from({ length: (until - since) / bucketMs }, (_, index) => {
      const one = deliveries.get(first + index);
      const hooks = new Map<string, Ended>();
      for (const { hook, status, runs } of ended.get(first + index) ?? [])
        if (status !== "queued" && status !== "running")
          hooks.set(hook, plus(hooks.get(hook), { ...NONE, [status]: runs }));
      const { matched = 0, replayed = 0, deliveries: all = 0 } = one ?? {};
      return { deliveries: { matched, replayed, unmatched: all - matched - replayed }, ended: hooks };
    });
  }
}

export const NONE: Ended = { succeeded: 0, failed: 0, cancelled: 0, skipped: 0 };

export function plus(a: Ended | undefined, b: Ended): Ended {
  if (!a) return b;
  return {
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
    cancelled: a.cancelled + b.cancelled,
    skipped: a.skipped + b.skipped,
  };
}

const NOTHING: Counts = { deliveries: { matched: 0, unmatched: 0, replayed: 0 }, ended: new Map() };

/** Several together. */
export function sumOf(all: readonly Counts[]): Counts {
  const deliveries = { ...NOTHING.deliveries };
  const ended = new Map<string, Ended>();
  for (const counts of all) {
    deliveries.matched += counts.deliveries.matched;
    deliveries.unmatched += counts.deliveries.unmatched;
    deliveries.replayed += counts.deliveries.replayed;
    for (const [hook, one] of counts.ended) ended.set(hook, plus(ended.get(hook), one));
  }
  return { deliveries, ended };
}
