/** Counts what is under way, for whoever wants to wait for the end of it. */
export class UnderWay {
  #count = 0;
  #idle?: PromiseWithResolvers<void>;

  begin(): void {
    this.#count++;
  }

  end(): void {
    if (--this.#count === 0) this.#idle?.resolve();
  }

  /** Resolved when nothing is under way any more, or after `ms`. */
  async ended(ms: number): Promise<void> {
    if (this.#count === 0) return;
    this.#idle ??= Promise.withResolvers();
    const idle = this.#idle;
    const timer = setTimeout(() => idle.resolve(), ms);
    await idle.promise;
    clearTimeout(timer);
  }
}
