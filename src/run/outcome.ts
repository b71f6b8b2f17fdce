/** How a run ended, from how its process did. */
import type { Outcome } from "../store/run-queue.ts";
import type { Exit } from "./spawner.ts";

/** Why a run is stopped that somebody wants to end; other reasons are the worker's own. */
export class Cancellation {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Why a worker ends a run that is another's by now, or may be: it must not go on a moment longer. */
export const LEASE_LOST = "its lease was lost";

const NO_EXIT: Exit = { exitCode: null, signal: null };

export function outcomeOf({ exitCode, signal }: Exit): Outcome {
  if (exitCode === 0) return { status: "succeeded", exitCode, signal, reason: null };
  return { status: "failed", exitCode, signal, reason: signal === null ? null : `ended by ${signal}` };
}

/** @param reason for people. */
export function failed(reason: string, { exitCode, signal }: Exit = NO_EXIT): Outcome {
  return { status: "failed", exitCode, signal, reason };
}

/**
 * What had performed it was gone, and it was not of the run's making.
 *
 * @param reason for people.
 */
export function interrupted(reason: string): Outcome {
  return { ...failed(reason), isInterrupted: true };
}

/** @param reason for people. */
export function skipped(reason: string): Outcome {
  return { status: "skipped", ...NO_EXIT, reason };
}

/** Of a run that was stopped from outside: `stop` is aborted. */
export function stopped(stop: AbortSignal, { exitCode, signal }: Exit = NO_EXIT): Outcome {
  const { reason } = stop;
  if (reason instanceof Cancellation) return { status: "cancelled", exitCode, signal, reason: reason.reason };
  return failed(String(reason), { exitCode, signal });
}
