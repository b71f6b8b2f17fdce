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
/** What is counted in one go. */
const AT_ONCE_MS = 6 * HOUR_MS;

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
    const hours = await this.#hours(since, until);
    const perBucket = bucketMs / HOUR_MS;
    return Array.from({ length: hours.length / perBucket }, (_, index) =>
      sumOf(hours.slice(index * perBucket, (index + 1) * perBucket)),
    );
  }

  async #hours(since: number, until: number): Promise<Counts[]> {
    const hours: Counts[] = [];
    for (let at = since; at < until; ) {
      const known = at > Date.now() ? NOTHING : this.#settled.get(at);
      const counted = known ? [known] : await this.#countHours(at, Math.min(at + AT_ONCE_MS, until));
      hours.push(...counted);
      at += counted.length * HOUR_MS;
    }
    return hours;
  }

  /** Many at once: to find where a stretch begins takes longer than to count what came in an hour. */
  async #countHours(since: number, until: number): Promise<Counts[]> {
    const now = Date.now();
    const hours = await this.#count({ since, until, bucketMs: HOUR_MS });
    hours.forEach((counts, index) => {
      const at = since + index * HOUR_MS;
      if (now > at + HOUR_MS + SETTLED_AFTER_MS) this.#keep(at, counts);
    });
    // Others want to be answered, too.
    await breathe();
    return hours;
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

/** Of a stretch in which nothing came, and of one that is still to come. */
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
