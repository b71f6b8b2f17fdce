/** How a run ended, from how its process did. */
import type { Outcome } from "../store/run-queue.ts";
import type { Exit } from "./spawner.ts";

export function outcomeOf({ exitCode, signal }: Exit): Outcome {
  if (exitCode === 0) return { status: "succeeded", exitCode, signal, reason: null };
  return { status: "failed", exitCode, signal, reason: signal === null ? null : `ended by ${signal}` };
}

/** @param reason for people. */
export function failed(
  reason: string,
  { exitCode, signal }: Exit = { exitCode: null, signal: null },
): Outcome {
  return { status: "failed", exitCode, signal, reason };
}
