/** How commands print: for people, or one JSON document. */
import { styleText } from "node:util";
import { formatDuration } from "../lib/quantity.ts";
import { formatTable } from "../lib/table.ts";
import { visibleLine } from "../lib/visible.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { Run } from "../store/runs.ts";

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** One page of a list, as `{"items":[…],"next":cursor|null}`. */
export function printJsonList<T extends { id: number }>(
  items: readonly T[],
  limit: number,
  toJson: (item: T) => object,
): void {
  printJson({ items: items.map(toJson), next: nextCursor(items, limit) });
}

/** A table with a heading; cells come from strangers, so nothing in them can move the cursor. */
export function printTable(
  heading: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): void {
  const text = rows.map((row) => row.map((cell) => visibleLine(String(cell ?? "–"))));
  const [first = "", ...lines] = formatTable([heading, ...text]).split("\n");
  print([styleText("bold", first, { stream: process.stdout }), ...lines].join("\n"));
}

/** Says how to get the rest, when there is more. */
export function printMore(items: readonly { id: number }[], limit: number): void {
  const next = nextCursor(items, limit);
  if (next !== null) print(`\nMore: add --after ${next}`);
}

export function deliveryToJson(delivery: Delivery): object {
  const {
    id,
    guid,
    source,
    webhookId,
    event,
    action,
    repository,
    ref,
    sender,
    receivedAt,
    size,
    replayed,
    runs,
  } = delivery;
  const at = isoTime(receivedAt);
  return {
    id,
    guid,
    source,
    webhookId,
    event,
    action,
    repository,
    ref,
    sender,
    receivedAt: at,
    size,
    replayed,
    runs,
  };
}

export function runToJson(run: Run): object {
  const { id, hook, deliveryId, status, reason, attempt, exitCode, queuedAt, startedAt, finishedAt } = run;
  return {
    id,
    hook,
    deliveryId,
    status,
    reason,
    attempt,
    exitCode,
    queuedAt: isoTime(queuedAt),
    startedAt: startedAt === null ? null : isoTime(startedAt),
    finishedAt: finishedAt === null ? null : isoTime(finishedAt),
    durationMs: durationMs(run),
  };
}

/** How long the last attempt took, in milliseconds; `null` while it has not ended. */
function durationMs({ startedAt, finishedAt }: Run): number | null {
  return startedAt === null || finishedAt === null ? null : finishedAt - startedAt;
}

export function duration(run: Run): string {
  const ms = durationMs(run);
  return ms === null ? "–" : formatDuration(ms);
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** `2026-11-24 08:00:00`, in UTC. */
export function shortTime(ms: number): string {
  return isoTime(ms).slice(0, 19).replace("T", " ");
}

/** A status in its colour. */
export function statusText(status: string): string {
  const colour = { succeeded: "green", failed: "red", running: "yellow" } as const;
  const found = colour[status as keyof typeof colour];
  return found ? styleText(found, status, { stream: process.stdout }) : status;
}

function nextCursor(items: readonly { id: number }[], limit: number): string | null {
  const last = items.at(-1);
  return last && items.length === limit ? String(last.id) : null;
}
