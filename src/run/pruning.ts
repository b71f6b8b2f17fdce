/** Removes what is old, on one node at a time: while this one holds the lease. */
import type { Retention } from "../config/retention-schema.ts";
import { forgetOldNodes } from "../store/nodes.ts";
import { prune } from "../store/prune.ts";
import { releaseSingleton, takeSingleton } from "../store/singletons.ts";
import type { Store } from "../store/store.ts";

interface PruningParts {
  store: Store;
  /** The name of the node. */
  node: string;
  /** How long deliveries are kept. */
  retention: Retention;
  log: { info(fields: object, message: string): void };
}

const EVERY_MS = 60_000;
/** Extended every few seconds. */
const LEASE_MS = 15_000;

export class Pruning {
  readonly #parts: PruningParts;
  #isOurs = false;
  #doneAt = Number.NEGATIVE_INFINITY;
  /** Ends what is under way when another node has taken over. */
  #underWay = new AbortController();

  constructor(parts: PruningParts) {
    this.#parts = parts;
  }

  /** Takes the lease when nobody has it, and extends it. To be called every few seconds. */
  async keep(): Promise<void> {
    const { store, node } = this.#parts;
    this.#isOurs = await takeSingleton(store.db, "prune", node, { now: Date.now(), leaseMs: LEASE_MS });
    if (!this.#isOurs) this.#underWay.abort();
  }

  /** Prunes when it is time and this node's turn. To be called every second; whoever has just taken over begins at once. */
  async look(stopping: AbortSignal): Promise<void> {
    if (!this.#isOurs) this.#doneAt = Number.NEGATIVE_INFINITY;
    if (!this.#isOurs || performance.now() - this.#doneAt < EVERY_MS) return;
    this.#underWay = new AbortController();
    const { store, retention, log } = this.#parts;
    const { ageMs, sizeBytes: keepBytes } = retention;
    const before = ageMs === null ? null : Date.now() - ageMs;
    const signal = AbortSignal.any([stopping, this.#underWay.signal]);
    await forgetOldNodes(store.db, Date.now());
    const pruned = await prune(store, { before, keepBytes, signal });
    if (pruned.deliveries > 0) log.info(pruned, "deliveries that are kept no longer are removed");
    this.#doneAt = performance.now();
  }

  /** Lets another node take over at once. */
  async leave(): Promise<void> {
    const { store, node } = this.#parts;
    await releaseSingleton(store.db, "prune", node);
  }
}
