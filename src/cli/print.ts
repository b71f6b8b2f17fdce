/** How commands print: for people, or one JSON document. */
import { styleText } from "node:util";
import { formatTable } from "../lib/table.ts";
import { visibleLine } from "../lib/visible.ts";
import { listToJson, nextCursor } from "../store/as-json.ts";

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
  printJson(listToJson(items, limit, toJson));
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

/** A status in its colour. */
export function statusText(status: string): string {
  const colour = { succeeded: "green", failed: "red", running: "yellow" } as const;
  const found = colour[status as keyof typeof colour];
  return found ? styleText(found, status, { stream: process.stdout }) : status;
}
