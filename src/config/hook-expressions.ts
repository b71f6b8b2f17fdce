/**
 * The expressions in a hook file: read in `if`, in `concurrency`, in the values of `env` and of `forward.headers`, and in
 * `forward.secret`. Everywhere else one is refused, above all in `run`: a branch's name would become code.
 */
import { ExpressionMistake, parseExpression, type Reference } from "../match/expression.ts";
import { readCondition, readTemplate } from "../match/template.ts";
import {
  ENV,
  type Finding,
  FORWARD_HEADERS,
  FORWARD_SECRET,
  GROUP,
  IF,
  inspectExpression,
  mistake,
  type Place,
} from "./expression-rules.ts";
import type { HookContext } from "./hook-context.ts";
import type { Remark } from "./yaml-file.ts";

type Path = Remark["path"];

/**
 * Every mistake in the expressions of a hook file.
 *
 * @param written the file as it is written, right or wrong.
 * @param keys those at its top that have a meaning; what is below others is not looked at.
 */
export function inspectExpressions(
  written: unknown,
  keys: readonly string[],
  context: HookContext,
): Remark[] {
  const top = typeof written === "object" && written !== null ? Object.entries(written) : [];
  return top.filter(([key]) => keys.includes(key)).flatMap(([key, value]) => inspect(value, [key], context));
}

/** Those of the variables in `vars` that the expressions of a hook name; all when that cannot be told. */
export function namedVars(expressions: readonly string[], vars: HookContext["vars"]): HookContext["vars"] {
  const references = expressions.flatMap((text) => parseExpression(text).references);
  const ofVars = references.filter(({ context }) => context === "vars");
  if (ofVars.some(({ names }) => names.length === 0)) return vars;
  const named = new Set(ofVars.map(({ names }) => names[0]?.toLowerCase()));
  return Object.fromEntries(Object.entries(vars).filter(([name]) => named.has(name.toLowerCase())));
}

function inspect(value: unknown, path: Path, context: HookContext): Remark[] {
  if (typeof value === "string")
    return inspectText(value, path, context).map((finding) => ({ path, ...finding }));
  if (Array.isArray(value)) return value.flatMap((inner, index) => inspect(inner, [...path, index], context));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => inspect(inner, [...path, key], context));
}

function inspectText(text: string, path: Path, context: HookContext): Finding[] {
  const [key] = path;
  if (SCRIPTS.includes(String(key))) return inspectScript(String(key), text);
  try {
    const key = path.join(".");
    const { place, isCondition = false } = placeAt(key) ?? {};
    const parts = isCondition ? [readCondition(text)] : readTemplate(text);
    return parts.flatMap((part) => {
      if (typeof part === "string") return [];
      if (!place) return [mistake(refusedAt(key), part.offset - "${{".length)];
      const findings = inspectExpression(part.expression, place, context);
      return findings.map((finding) => ({ ...finding, within: part.offset + finding.within }));
    });
  } catch (error) {
    if (!(error instanceof ExpressionMistake)) throw error;
    return [mistake(error.message, error.offset)];
  }
}

/** What can be read at a key, and whether its text is an expression without `${{ }}` around it. */
function placeAt(key: string): { place: Place; isCondition?: boolean } | undefined {
  if (key === "if") return { place: IF, isCondition: true };
  if (key === "concurrency.cancel-in-progress") return { place: GROUP, isCondition: true };
  if (["concurrency", "concurrency.group"].includes(key)) return { place: GROUP };
  if (key === "forward.secret") return { place: FORWARD_SECRET };
  if (key.startsWith("forward.headers.")) return { place: FORWARD_HEADERS };
  return /^env\.[^.]*$/.test(key) ? { place: ENV } : undefined;
}

const NOT_READ =
  "`${{ }}` is not read here, only in `if`, `concurrency`, `forward.secret` and the values of `env` and `forward.headers`";

function refusedAt(key: string): string {
  return ["forward", "forward.url"].includes(key) ? NOT_IN_URL : NOT_READ;
}

/** What a delivery says would choose the address, and what is secret would be seen wherever the address is shown. */
const NOT_IN_URL =
  "`${{ }}` is not read in the URL of `forward`: write the whole URL, in a hook for each if there are several, and put what is secret into `forward.headers`";

/** The last one is the spelling of TypeScript. */
const SCRIPTS = ["run", "on-failure", "onFailure"];

function inspectScript(key: string, text: string): Finding[] {
  const found = text.matchAll(/\$\{\{(.*?)(?:\}\}|$)/gm);
  return [...found].map(({ 1: expression = "", index }) =>
    mistake(refusedInScript(key, expression.trim()), index),
  );
}

/** Substituting into a script is how workflows get injected. */
function refusedInScript(key: string, expression: string): string {
  const variable = variableFor(expression);
  return `\`${key}\` does not read \`\${{ ${expression} }}\`: whoever names a branch could run code. Write \`env: { ${variable}: "\${{ ${expression} }}" }\`, and "$${variable}" in the script`;
}

/** `PULL_REQUEST_TITLE` for `github.event.pull_request.title`. */
function variableFor(expression: string): string {
  const [reference, ...others] = referencesIn(expression);
  const names = reference?.isExact && others.length === 0 ? reference.names : [];
  const last = names.filter((name) => name !== "event").slice(-2);
  const variable = last
    .join("_")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
  return /^(?!GITHUB_|LONGSHORE_)[A-Z_]/.test(variable) ? variable : "VALUE";
}

function referencesIn(expression: string): readonly Reference[] {
  try {
    return parseExpression(expression).references;
  } catch (error) {
    if (!(error instanceof ExpressionMistake)) throw error;
    return [];
  }
}
