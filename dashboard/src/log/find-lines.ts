/** Where a text stands in an output. */
import type { LogLine } from "./log-lines.ts";

const COLOURS = /\u001B\[[0-9;]*m/g;

/** The numbers of the lines that contain it, whatever the case of its letters or its colours. None for no text. */
export function findLines(lines: readonly LogLine[], text: string): number[] {
  if (text === "") return [];
  const wanted = text.toLowerCase();
  return lines
    .filter((line) => line.text.replace(COLOURS, "").toLowerCase().includes(wanted))
    .map(({ number }) => number);
}
