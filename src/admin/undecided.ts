/**
 * Deliveries for which a hook could not tell whether it is for them: nothing ran, and nobody else would tell. Verdicts are
 * not written down, so the newest deliveries are judged once more, by the hooks of their time, each of them once.
 */
import { type Delivery, listDeliveries } from "../store/deliveries.ts";
import type { Database } from "../store/store.ts";
import { verdictsOf } from "../store/verdicts.ts";

/** Of one hook. */
export interface UndecidedHook {
  hook: string;
  /** The newest delivery. */
  delivery: Delivery;
  reason: string;
  /** Deliveries in all. */
  count: number;
}

/** Older ones are found in the list of deliveries. */
const NEWEST = 200;
/** To be judged within one answer; the others have their turn in the next. */
const AT_ONCE = 50;
/** The parsing of a larger one would be felt. */
const MAX_BYTES = 1024 ** 2;

export class UndecidedDeliveries {
  readonly #db: Database;
  /** Of each delivery that has been judged: the hooks that could not tell, and why not. */
  #known = new Map<number, ReadonlyMap<string, string>>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** @param since epoch milliseconds. */
  async since(since: number): Promise<UndecidedHook[]> {
    const newest = await listDeliveries(this.#db, {}, { limit: NEWEST });
    await this.#judge(newest);
    const found = new Map<string, UndecidedHook>();
    for (const delivery of newest) {
      if (delivery.receivedAt < since) continue;
      for (const [hook, reason] of this.#known.get(delivery.id) ?? []) {
        // Somebody has seen to it, and replayed it.
        if (delivery.runs.some((run) => run.hook === hook)) continue;
        const known = found.get(hook);
        if (known) known.count++;
        else found.set(hook, { hook, delivery, reason, count: 1 });
      }
    }
    return [...found.values()];
  }

  async #judge(newest: readonly Delivery[]): Promise<void> {
    const known = new Map<number, ReadonlyMap<string, string>>();
    let judged = 0;
    for (const delivery of newest) {
      const before = this.#known.get(delivery.id);
      if (before) known.set(delivery.id, before);
      else if (judged < AT_ONCE && delivery.size <= MAX_BYTES) {
        judged++;
        known.set(delivery.id, await this.#undecidedFor(delivery));
      }
    }
    this.#known = known;
  }

  async #undecidedFor(delivery: Delivery): Promise<ReadonlyMap<string, string>> {
    const verdicts = (await verdictsOf(this.#db, delivery)) ?? [];
    return new Map(
      verdicts
        .filter(({ error }) => error)
        .map(({ hook, checks }) => [hook, checks.find(({ error }) => error)?.reason ?? "nobody can tell"]),
    );
  }
}
