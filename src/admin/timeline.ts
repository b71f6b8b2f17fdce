/** The way of a run, from its delivery's arrival to its end, step by step. */
import { isoTime } from "../lib/times.ts";
import type { Attempt } from "../store/attempts.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { Run } from "../store/runs.ts";

export interface Step {
  /** ISO 8601. */
  at: string;
  what: "received" | "queued" | "started" | "attempt ended" | "due" | "finished";
  attempt: number | null;
  text: string;
}

/** @returns in the order of time. */
export function timelineOf(delivery: Delivery, run: Run, attempts: readonly Attempt[]): Step[] {
  const steps = [
    step(delivery.receivedAt, "received", `delivery ${delivery.id} was received`),
    step(run.queuedAt, "queued", `the run was queued${wish(run)}`),
    ...attempts.flatMap((attempt) => stepsOf(attempt, run)),
    ...lastStep(run),
  ];
  return steps.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function wish({ retryOf, askedBy }: Run): string {
  const again = retryOf === null ? "" : ` to try run ${retryOf} once more`;
  return askedBy === null ? again : `${again}, as ${askedBy} asked`;
}

/** The end of the last attempt is that of the run. */
function stepsOf({ attempt, startedAt, finishedAt, outcome, ...how }: Attempt, run: Run): Step[] {
  const started = step(startedAt, "started", `attempt ${attempt} started`, attempt);
  const isLast = attempt === run.attempt && run.finishedAt !== null;
  if (finishedAt === null || isLast) return [started];
  const text = `attempt ${attempt} ${verb(outcome)}${because(how)}`;
  return [started, step(finishedAt, "attempt ended", text, attempt)];
}

function lastStep(run: Run): Step[] {
  const { status, finishedAt, queuedAt, dueAt } = run;
  if (finishedAt !== null) return [step(finishedAt, "finished", `the run ${verb(status)}${because(run)}`)];
  return status === "queued" && dueAt > queuedAt ? [step(dueAt, "due", "the next attempt is due")] : [];
}

function verb(outcome: string): string {
  return ["succeeded", "failed"].includes(outcome) ? outcome : `was ${outcome}`;
}

function because({ exitCode, reason }: { exitCode: number | null; reason: string | null }): string {
  const parts = [exitCode === null ? "" : `exit code ${exitCode}`, reason ?? ""].filter(
    (part) => part !== "",
  );
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

function step(at: number, what: Step["what"], text: string, attempt: number | null = null): Step {
  return { at: isoTime(at), what, attempt, text };
}
