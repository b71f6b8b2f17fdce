/**
 * The way of a receiver to its store, which is opened while the app goes on starting, and again when that has failed: a
 * database that is away for a while is no reason for an app not to start. Loads no database by itself.
 */
import { Rejection } from "../receive/rejection.ts";
import type { AppStore, AppStoreParts } from "./app-store.ts";

/** GitHub hangs up after ten seconds; before that it has to hear that nothing is stored. */
const WAIT_MS = 5_000;
const AGAIN_AFTER_MS = 2_000;

export class StoreOpening {
  readonly #parts: AppStoreParts;
  #opening: Promise<AppStore | undefined>;
  #opened?: AppStore;
  #again?: NodeJS.Timeout;
  #isClosing = false;

  /** Begins at once: runs that an earlier process has left wait for no request. */
  constructor(parts: AppStoreParts) {
    this.#parts = parts;
    this.#opening = this.#open();
  }

  /** The store, if it is open. */
  get opened(): AppStore | undefined {
    return this.#opened;
  }

  /** @throws {Rejection} when it is not open, and does not open in time. */
  async store(): Promise<AppStore> {
    const store = this.#opened ?? (await within(WAIT_MS, this.#opening));
    if (store && !this.#isClosing) return store;
    throw new Rejection(
      "store_unavailable",
      this.#isClosing
        ? "the receiver is closing; nothing is kept, send it again"
        : "the store is not open; nothing is kept, send it again",
    );
  }

  refuseFromNow(): void {
    this.#isClosing = true;
    clearTimeout(this.#again);
  }

  /** Lets listeners finish for `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.refuseFromNow();
    const store = await this.#opening;
    await store?.close(graceMs);
  }

  async #open(): Promise<AppStore | undefined> {
    try {
      const { AppStore } = await import("./app-store.ts");
      this.#opened = await AppStore.open(this.#parts);
      return this.#opened;
    } catch (error) {
      this.#parts.onError(error, {});
      if (!this.#isClosing) this.#openAgainSoon();
      return undefined;
    }
  }

  #openAgainSoon(): void {
    this.#again = setTimeout(() => {
      this.#opening = this.#open();
    }, AGAIN_AFTER_MS).unref();
  }
}

function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ms);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}
