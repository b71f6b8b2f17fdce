/** The form of `retry`: whether and when a failed attempt is followed by another one. */
import { z } from "zod";
import type { Retry } from "../match/hook.ts";
import { durationText } from "./schema-parts.ts";
import { about, keys } from "./yaml-file.ts";

const exitCode = z
  .int("an exit code is a whole number")
  .min(1, "an exit code of a failure is 1 or more")
  .max(255, "an exit code is at most 255");

/** Of all hooks that say `retry`; without it a failure is the end. */
const DEFAULTS: Retry = { maxAttempts: 3, backoffMs: 30_000, maxBackoffMs: 3_600_000 };
/** Of hooks that forward, whether they say it or not: a service that is down is waited for most of a day. */
export const FORWARD_RETRY: Retry = { maxAttempts: 8, backoffMs: 600_000, maxBackoffMs: 43_200_000 };

export const RETRY = keys({
  "max-attempts": z
    .int("expected a whole number")
    .min(1, "at least 1")
    .max(100, "at most 100")
    .optional()
    .meta(
      about(
        "How often it is tried in all, 1 to 100. An attempt that was interrupted does not count",
        "3; with `forward` 8",
      ),
    ),
  backoff: durationText
    .optional()
    .meta(
      about(
        "The longest pause before the second attempt. It is twice as long before each one after that; how much of it is waited is up to chance, so that not all come back at once",
        "30s; with `forward` 10m",
      ),
    ),
  "max-backoff": durationText.optional().meta(about("The longest pause of all", "1h; with `forward` 12h")),
  on: z
    .union([exitCode.transform((code) => [code]), z.array(exitCode).min(1, "cannot be empty")])
    .optional()
    .meta(
      about(
        "The exit codes that are worth another attempt, one or a list. 75 always is: it is what `sysexits.h` calls a temporary failure",
        "every failure",
      ),
    ),
}).superRefine((written, context) => {
  const { backoffMs, maxBackoffMs } = toRetry(written);
  if (written["max-backoff"] !== undefined && maxBackoffMs < backoffMs)
    context.addIssue({
      code: "custom",
      path: ["max-backoff"],
      message: "`max-backoff` is shorter than `backoff`, the shortest of the pauses",
    });
});

/** @param defaults what is not written. */
export function toRetry(written: z.output<typeof RETRY>, defaults: Retry = DEFAULTS): Retry {
  const { "max-attempts": maxAttempts, on } = written;
  const backoffMs = written.backoff ?? defaults.backoffMs;
  const maxBackoffMs = written["max-backoff"] ?? Math.max(defaults.maxBackoffMs, backoffMs);
  return {
    maxAttempts: maxAttempts ?? defaults.maxAttempts,
    backoffMs,
    maxBackoffMs,
    ...(on === undefined ? {} : { on }),
  };
}
