/** What an expression may read and call at each place of a hook file, and what is wrong when it does not. */
import { didYouMean } from "../lib/suggest.ts";
import { GITHUB_PROPERTIES, RUN_PROPERTIES } from "../match/contexts.ts";
import { type Expression, ExpressionMistake, parseExpression, type Reference } from "../match/expression.ts";
import type { HookContext } from "./hook-context.ts";
import type { Remark } from "./yaml-file.ts";

/** A remark on a text, wherever that stands. */
export interface Finding extends Omit<Remark, "path" | "atKey"> {
  within: number;
}

/** What can be read at one place. */
export interface Place {
  /** As people call it: `if`, `env`. */
  name: string;
  contexts: readonly string[];
  github: readonly string[];
}

export const IF: Place = { name: "`if`", contexts: ["github", "vars"], github: GITHUB_PROPERTIES };
export const GROUP: Place = { ...IF, name: "`concurrency`" };
export const ENV: Place = {
  name: "`env`",
  contexts: ["github", "vars", "secrets"],
  github: [...GITHUB_PROPERTIES, ...RUN_PROPERTIES],
};
export const FORWARD_HEADERS: Place = { ...ENV, name: "`forward.headers`" };
export const FORWARD_SECRET: Place = { ...ENV, name: "`forward.secret`" };

/** @param text an expression without the `${{ }}` around it. */
export function inspectExpression(text: string, place: Place, context: HookContext): Finding[] {
  let expression: Expression;
  try {
    expression = parseExpression(text);
  } catch (error) {
    if (!(error instanceof ExpressionMistake)) throw error;
    return [mistake(error.message, error.offset)];
  }
  const { calls, references } = expression;
  return [
    ...calls.flatMap(inspectCall),
    ...references.flatMap((reference) => inspectReference(reference, place, context)),
  ];
}

export function mistake(message: string, within: number): Finding {
  return { message, within, severity: "error" };
}

const STATUS =
  "nothing has run yet when this is read. What is to happen after a failure stands in `on-failure`";
const FUNCTIONS_REFUSED = new Map([
  ...["always", "cancelled", "failure", "success"].map((name): [string, string] => [name, STATUS]),
  ["hashfiles", "there are no files when this is read"],
]);

function inspectCall({ name, offset }: Expression["calls"][number]): Finding[] {
  const refusal = FUNCTIONS_REFUSED.get(name.toLowerCase());
  return refusal === undefined ? [] : [mistake(`\`${name}()\` does not apply: ${refusal}`, offset)];
}

function inspectReference(reference: Reference, place: Place, context: HookContext): Finding[] {
  const { context: name, names, offset, nameOffset } = reference;
  if (!place.contexts.includes(name)) {
    const known = place.contexts.map((other) => `\`${other}\``).join(", ");
    return [mistake(`\`${name}\` is not read in ${place.name}; there are ${known}`, offset)];
  }
  const message = mistakeIn(reference, place, context);
  if (message !== undefined) return [mistake(message, nameOffset)];
  const secret = name === "secrets" ? context.secrets.read(names[0] ?? "") : undefined;
  if (!secret || "value" in secret) return [];
  return [{ message: `runs will fail: ${secret.problem}`, within: nameOffset, severity: "warning" }];
}

function mistakeIn(reference: Reference, place: Place, context: HookContext): string | undefined {
  switch (reference.context) {
    case "github":
      return mistakeInGitHub(reference.names[0], place);
    case "vars":
      return mistakeInVars(reference.names[0], Object.keys(context.vars));
    default:
      return mistakeInSecrets(reference, context);
  }
}

function mistakeInGitHub(name: string | undefined, { github, name: place }: Place): string | undefined {
  if (name === undefined || github.includes(name.toLowerCase())) return;
  const lower = name.toLowerCase();
  if ((RUN_PROPERTIES as readonly string[]).includes(lower))
    return `\`github.${lower}\` is not known yet in ${place}; it is in \`env\``;
  const elsewhere = ELSEWHERE.get(lower);
  return `there is no \`github.${name}\`${elsewhere ? `: ${elsewhere}` : `.${didYouMean(name, github)}`}`;
}

const VARIABLE = (name: string) => `a script finds it in the variable ${name}`;

/** What `github` has in Actions, and where it is here. */
const ELSEWHERE = new Map([
  ["action", "the event's action is `github.event.action`"],
  ["token", "put a token into a secret, and name that in `env`"],
  ["event_path", VARIABLE("GITHUB_EVENT_PATH")],
  ["workspace", VARIABLE("GITHUB_WORKSPACE")],
  ["env", VARIABLE("GITHUB_ENV")],
  ["path", VARIABLE("GITHUB_PATH")],
  ["job", "a hook has no jobs"],
  ["run_number", "`github.run_id` in `env` is Longshore's number of the run"],
]);

function mistakeInVars(name: string | undefined, names: readonly string[]): string | undefined {
  if (name === undefined || names.some((other) => other.toLowerCase() === name.toLowerCase())) return;
  return `there is no \`vars.${name}\`: the settings' \`vars\` do not name it.${didYouMean(name, names)}`;
}

/** Only by its name: a secret that a delivery chooses could be any. */
function mistakeInSecrets({ names, isExact }: Reference, context: HookContext): string | undefined {
  const [name, ...more] = names;
  if (name === undefined || !isExact || more.length > 0) return "a secret is named in full: `secrets.NAME`";
  const refusal = context.secrets.refusal(name);
  return refusal && `hooks cannot read the secret ${name}: ${refusal}`;
}
