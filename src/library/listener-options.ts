/** What stands between event and function in `on(event, { name }, listener)`, checked; in the words of hook files. */
import { UserError } from "../config/problem.ts";
import type { Retry } from "../match/hook.ts";
import { checkedDuration } from "./store-options.ts";

export interface ListenerOptions {
  /**
   * What its runs are found again by, after a restart as well: it stays the same while the code changes. No two
   * listeners have the same. Required with `store`.
   */
  name?: string;
  /** With `store`: whether and when a failed attempt is followed by another one. Three attempts unless said. */
  retry?: ListenerRetry;
  /** With `store`: after it the attempt has failed, and `run.signal` is aborted. 1 to 10080; 60 unless said. */
  timeoutMinutes?: number;
}

export interface ListenerRetry {
  /** In all, 1 to 100: 3 unless said. */
  maxAttempts?: number;
  /**
   * The longest pause before the second attempt, milliseconds or a text such as `30s`, which is the default. It is twice
   * as long before each one after that; how much of it is waited is up to chance.
   */
  backoff?: number | string;
  /** The longest pause of all: `1h` unless said. */
  maxBackoff?: number | string;
}

export interface CheckedListenerOptions {
  name?: string;
  retry: Retry;
  timeoutMs: number;
}

const KNOWN = ["name", "retry", "timeoutMinutes"];
const KNOWN_OF_RETRY = ["maxAttempts", "backoff", "maxBackoff"];
const NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;
const DEFAULT_RETRY = { maxAttempts: 3, backoff: "30s", maxBackoff: "1h" };
const DEFAULT_MINUTES = 60;
const MAX_MINUTES = 10_080;
const MINUTE_MS = 60_000;

/**
 * @param call how the listener was added, for messages: `on("push", …)`.
 * @throws {UserError} naming every mistake.
 */
export function checkListenerOptions(given: ListenerOptions, call: string): CheckedListenerOptions {
  const problems: string[] = [];
  const report = (message: string) => void problems.push(message);
  if (typeof given !== "object" || given === null)
    throw new UserError(`\`${call}\`: expected options such as \`{ name: "welcome" }\` before the function.`);
  refuseUnknown(given, KNOWN, "", report);
  const { name, timeoutMinutes = DEFAULT_MINUTES } = given;
  if (name !== undefined && (typeof name !== "string" || !NAME.test(name)))
    report(
      `\`name\`: ${JSON.stringify(name)} is no name; letters, digits and \`._/-\` can be in it, 100 at most`,
    );
  if (!(Number.isInteger(timeoutMinutes) && timeoutMinutes >= 1 && timeoutMinutes <= MAX_MINUTES))
    report(`\`timeoutMinutes\` must be a whole number from 1 to ${MAX_MINUTES}`);
  const retry = checkedRetry(given.retry ?? {}, report);
  if (problems.length > 0) throw new UserError(`\`${call}\`: ${problems.join("; ")}.`);
  return { ...(name === undefined ? {} : { name }), retry, timeoutMs: timeoutMinutes * MINUTE_MS };
}

function checkedRetry(given: ListenerRetry, report: (message: string) => void): Retry {
  refuseUnknown(given, KNOWN_OF_RETRY, "retry.", report);
  const { maxAttempts, backoff, maxBackoff } = { ...DEFAULT_RETRY, ...given };
  if (!(Number.isInteger(maxAttempts) && maxAttempts >= 1 && maxAttempts <= 100))
    report("`retry.maxAttempts` must be a whole number from 1 to 100");
  const backoffMs = checkedDuration("retry.backoff", backoff, report);
  const longest = checkedDuration("retry.maxBackoff", maxBackoff, report);
  if (given.maxBackoff !== undefined && longest < backoffMs)
    report("`retry.maxBackoff` is shorter than `backoff`, the shortest of the pauses");
  return { maxAttempts, backoffMs, maxBackoffMs: Math.max(longest, backoffMs) };
}

function refuseUnknown(
  given: object,
  known: readonly string[],
  above: string,
  report: (message: string) => void,
): void {
  for (const name of Object.keys(given))
    if (!known.includes(name)) report(`there is no \`${above}${name}\`; there are ${known.join(", ")}`);
}
