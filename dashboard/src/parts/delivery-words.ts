/** What a delivery is called, and what became of it in a word. */
import type { Delivery, RunStatus } from "../api/types.ts";

export function eventOf({ event, action }: Pick<Delivery, "event" | "action">): string {
  return action === null ? event : `${event}.${action}`;
}

export type DeliveryState = RunStatus | "held back" | "no run";

/** The one thing about its runs that matters most. Of each hook only the last run counts: the others were tried again. */
export function stateOf({ runs, replayed }: Pick<Delivery, "runs" | "replayed">): DeliveryState {
  const last = new Map(runs.map(({ hook, status }) => [hook, status]));
  const statuses = new Set(last.values());
  const order: RunStatus[] = ["failed", "running", "queued", "cancelled", "succeeded", "skipped"];
  return order.find((status) => statuses.has(status)) ?? (replayed ? "held back" : "no run");
}

export function shortSha(sha: string): string {
  return sha.slice(0, 7);
}
