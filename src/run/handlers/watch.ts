/**
 * Watches over what a handler process waits for: somebody's code may leave a promise that nothing will ever settle, or
 * throw where nobody catches it.
 */
import { types } from "node:util";
import { describeError } from "./describe-error.ts";

export class Watch {
  #fail?: (failure: WatchFailure) => void;
  #stalled = "";

  constructor() {
    // Asked when there is nothing left that could still happen in this process.
    process.on("beforeExit", () => this.#fail?.(new WatchFailure(this.#stalled)));
    process.on("uncaughtException", (error) => this.#onUncaught("an uncaught exception", error));
    process.on("unhandledRejection", (error) => this.#onUncaught("an unhandled rejection", error));
  }

  /**
   * What the promise gives.
   *
   * @param start is called when the channel no longer counts as something that keeps the process going.
   * @param stalled the sentence for a promise that nothing is left to settle.
   * @throws {WatchFailure} when that is so, or something is thrown that nobody catches; and what the promise throws.
   */
  async over<T>(start: () => Promise<T>, stalled: string): Promise<T> {
    const { promise: failure, reject } = Promise.withResolvers<never>();
    this.#fail = reject;
    this.#stalled = stalled;
    // The channel alone would keep the process waiting for ever.
    process.channel?.unref();
    try {
      return await Promise.race([start(), failure]);
    } finally {
      this.#fail = undefined;
      process.channel?.ref();
    }
  }

  #onUncaught(what: string, cause: unknown): void {
    if (!this.#fail) process.exit(1);
    this.#fail(new WatchFailure(`${what}: ${describeError(cause)}`, cause));
  }
}

/** What is wrong, as a sentence; `cause` is what was thrown, if anything was. */
export class WatchFailure extends Error {
  override name = "WatchFailure";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }

  /** Of something that may not like to be looked at. */
  static is(thrown: unknown): thrown is WatchFailure {
    return types.isNativeError(thrown) && thrown instanceof WatchFailure;
  }
}
