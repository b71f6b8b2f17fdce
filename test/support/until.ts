/** Waiting for something to become true, without guessing how long it takes. */
import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 10;
/** Never reached unless something is wrong: a machine may be doing a dozen other things, which is no reason to fail. */
const GIVE_UP_AFTER_MS = 60_000;

/**
 * Asks again and again until the answer is neither `undefined` nor `false`, and returns it.
 *
 * @param what for the message when it never happens: words, or what finds them then.
 */
export async function until<T>(
  what: string | (() => string),
  ask: () => T | Promise<T>,
  giveUpAfterMs = GIVE_UP_AFTER_MS,
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + giveUpAfterMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > deadline)
      throw new Error(
        `waited ${giveUpAfterMs / 1_000} s in vain until ${typeof what === "string" ? what : what()}`,
      );
    await delay(LOOK_EVERY_MS);
  }
}
