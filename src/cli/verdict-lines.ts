/** Verdicts in words: of every hook what it said, filter by filter. As JSON they are printed as they are. */
import { styleText } from "node:util";
import { type Check, checkText } from "../match/filters.ts";
import type { Verdict } from "../match/match.ts";

/** The lines of all verdicts, without indentation of their own. */
export function verdictLines(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ hook, matches, checks }) => [
    `${hook} ${coloured(matches ? "green" : "red", matches ? "matches" : "does not match")}`,
    ...checks.map((check) => `  ${markOf(check)} ${checkText(check)}`),
  ]);
}

/** What passes only because nobody knows better has a mark of its own. */
function markOf({ passed, undecided }: Check): string {
  if (undecided) return coloured("yellow", "?");
  return passed ? coloured("green", "✓") : coloured("red", "✗");
}

function coloured(colour: "green" | "yellow" | "red", text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}
