/** Whether a failed attempt is followed by another one, and when. */
import { FORWARD_RETRY } from "../config/retry-schema.ts";
import type { Hook, Retry } from "../match/hook.ts";
import type { Outcome } from "../store/run-queue.ts";

/** EX_TEMPFAIL of `sysexits.h`: the program itself says that it would be worth another attempt. */
const TEMPORARY_FAILURE = 75;

/** What a hook says of its retries, or what is usual for its work. */
export function retryOf({ retry, work }: Hook): Retry | undefined {
  return retry ?? (work.kind === "forward" ? FORWARD_RETRY : undefined);
}

/**
 * How long to wait before the next attempt, in milliseconds; `undefined` when there is none. Exponential backoff with
 * full jitter: anything up to a limit that doubles, so that those which failed together do not come back together.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param failures how many attempts have failed, this one included.
 * @param chance 0 to 1, exclusive.
 */
export function pauseBeforeRetry(
  outcome: Outcome,
  retry: Retry | undefined,
  failures: number,
  chance: () => number = Math.random,
): number | undefined {
  if (!retry || failures >= retry.maxAttempts || !isWorthRetrying(outcome, retry)) return undefined;
  const limit = Math.min(retry.maxBackoffMs, retry.backoffMs * 2 ** (failures - 1));
  return Math.max(Math.floor(chance() * (limit + 1)), outcome.retryAfterMs ?? 0);
}

function isWorthRetrying({ status, exitCode, isHopeless }: Outcome, { on }: Retry): boolean {
  if (status !== "failed" || isHopeless) return false;
  return on === undefined || exitCode === TEMPORARY_FAILURE || (exitCode !== null && on.includes(exitCode));
}
