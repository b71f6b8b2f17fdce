/** Verdicts in words and as JSON: of every hook what it said, filter by filter. */
import { styleText } from "node:util";
import { visibleLine } from "../lib/visible.ts";
import type { Check, Verdict } from "../match/match.ts";

/** The lines of all verdicts, without indentation of their own. */
export function verdictLines(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ hook, matches, checks }) => [
    `${hook} ${coloured(matches, matches ? "matches" : "does not match")}`,
    ...checks.map((check) => `  ${coloured(check.passed, check.passed ? "✓" : "✗")} ${checkText(check)}`),
  ]);
}

/** A verdict as JSON shows it: exactly these members, whatever else matching may need to know. */
export function verdictToJson({ hook, matches, checks }: Verdict): Verdict {
  return { hook, matches, checks: checks.map(({ filter, passed, reason }) => ({ filter, passed, reason })) };
}

/** `push.branches: dev matches none of [main]`; reasons quote what strangers wrote. */
export function checkText({ filter, reason }: Check): string {
  return visibleLine(`${filter}: ${reason}`);
}

function coloured(isGood: boolean, text: string): string {
  return styleText(isGood ? "green" : "red", text, { stream: process.stdout });
}
