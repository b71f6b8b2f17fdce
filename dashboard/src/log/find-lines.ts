/** Where a text stands in an output. */
import { withoutColours } from "../parts/plain-text.ts";
import type { LogLine } from "./log-lines.ts";

/** The numbers of the lines that contain it, whatever the case of its letters or its colours. None for no text. */
export function findLines(lines: readonly LogLine[], text: string): number[] {
  if (text === "") return [];
  const wanted = text.toLowerCase();
  return lines
    .filter((line) => withoutColours(line.text).toLowerCase().includes(wanted))
    .map(({ number }) => number);
}
