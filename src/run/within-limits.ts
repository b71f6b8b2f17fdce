/** Performs something within a hook's time, and only for as long as the worker wants it. */
import { formatDuration } from "../lib/quantity.ts";
import type { Outcome } from "../store/run-queue.ts";
import { failed, interrupted, LEASE_LOST, stopped } from "./outcome.ts";
import { SpawnerGone, SpawnFailure } from "./spawner.ts";

export interface Limits {
  timeoutMs: number;
  /** Aborted when the run is to end early: its reason says why. */
  signal: AbortSignal;
}

/** From a polite end to a forced one. */
const TERM_TO_KILL_MS = 10_000;

/** @param send to all processes of what is performed. */
export async function withinLimits(
  { timeoutMs, signal }: Limits,
  { send, perform }: { send(name: NodeJS.Signals): void; perform(): Promise<Outcome> },
): Promise<Outcome> {
  if (signal.aborted) return stopped(signal);
  const limit = AbortSignal.timeout(timeoutMs);
  const stop = stopOn(AbortSignal.any([signal, limit]), send);
  try {
    const outcome = await perform();
    return asEnded(outcome, { timeoutMs, signal }, limit);
  } catch (error) {
    if (error instanceof SpawnerGone) return signal.aborted ? stopped(signal) : interrupted(error.message);
    if (error instanceof SpawnFailure) return failed(error.message);
    throw error;
  } finally {
    stop();
  }
}

/**
 * The same for what is no process.
 *
 * @param perform ends at once when the signal that it is given is aborted.
 */
export async function withinTime(
  limits: Limits,
  perform: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  if (limits.signal.aborted) return stopped(limits.signal);
  const limit = AbortSignal.timeout(limits.timeoutMs);
  return asEnded(await perform(AbortSignal.any([limits.signal, limit])), limits, limit);
}

/** What has ended the work, where it did not end by itself. */
function asEnded(outcome: Outcome, { timeoutMs, signal }: Limits, limit: AbortSignal): Outcome {
  if (limit.aborted) return failed(`timed out after ${formatDuration(timeoutMs)}`, outcome);
  return signal.aborted ? stopped(signal, outcome) : outcome;
}

/** TERM when the signal is aborted, KILL a while later, or at once when somebody else performs it. Returns how to call it off. */
function stopOn(signal: AbortSignal, send: (name: NodeJS.Signals) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const terminate = () => {
    if (signal.reason === LEASE_LOST) return send("SIGKILL");
    send("SIGTERM");
    timer = setTimeout(() => send("SIGKILL"), TERM_TO_KILL_MS);
  };
  if (signal.aborted) terminate();
  else signal.addEventListener("abort", terminate, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", terminate);
  };
}
