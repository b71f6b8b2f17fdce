/** How often an address has been wrong lately. Nobody can guess 256 bits; this ends the noise. */
import { ApiError } from "./api-error.ts";

const MAX_FAILURES = 10;
const WINDOW_MS = 60_000;
/** Whoever has many addresses must not be able to fill the memory. */
const MAX_ADDRESSES = 10_000;

export class Attempts {
  readonly #failures = new Map<string, { count: number; endsAt: number }>();

  /** @throws {ApiError} when it has been wrong too often. */
  check(address: string, now = performance.now()): void {
    const failures = this.#failures.get(address);
    if (!failures || failures.endsAt <= now || failures.count < MAX_FAILURES) return;
    const seconds = Math.ceil((failures.endsAt - now) / 1_000);
    throw new ApiError("too_many_attempts", `Too many wrong attempts. Try again in ${seconds} s.`, {
      "Retry-After": String(seconds),
    });
  }

  fail(address: string, now = performance.now()): void {
    const failures = this.#failures.get(address);
    if (failures && failures.endsAt > now) failures.count++;
    else {
      this.#failures.delete(address);
      this.#failures.set(address, { count: 1, endsAt: now + WINDOW_MS });
    }
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_ADDRESSES && oldest !== undefined) this.#failures.delete(oldest);
  }
}
