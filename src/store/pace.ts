/**
 * How much goes into one transaction, learned from how long the last one took: what a row costs depends on the disk, on
 * what hangs on it, and on who else is at work.
 */

export class Pace {
  #count: number;
  readonly #most: number;
  readonly #aimMs: number;
  readonly #now: () => number;

  /**
   * @param aimMs how long a transaction may take.
   * @param now a clock, in milliseconds.
   */
  constructor({
    first,
    most,
    aimMs,
    now = () => performance.now(),
  }: { first: number; most: number; aimMs: number; now?: () => number }) {
    this.#count = first;
    this.#most = most;
    this.#aimMs = aimMs;
    this.#now = now;
  }

  /** How many rows to take now. */
  get count(): number {
    return this.#count;
  }

  async measure<T>(action: () => Promise<T>): Promise<T> {
    const startedAt = this.#now();
    const result = await action();
    const tookMs = this.#now() - startedAt;
    const next =
      tookMs > this.#aimMs ? Math.floor(this.#count / 2) : this.#count + 1 + Math.floor(this.#count / 4);
    this.#count = Math.min(Math.max(next, 1), this.#most);
    return result;
  }
}
