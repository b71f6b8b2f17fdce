/** A hook's `if`: whether it is true of a delivery, and of which values that is said. */
import { data } from "@actions/expressions";
import { falsy } from "@actions/expressions/result";
import { shorten } from "../lib/shorten.ts";
import { githubContext, type Subject } from "./contexts.ts";
import {
  EvaluationError,
  type Expression,
  ExpressionMistake,
  evaluate,
  parseExpression,
} from "./expression.ts";
import type { ExpressionData } from "./expression-data.ts";
import type { Check } from "./filters.ts";
import type { Hook } from "./hook.ts";

type Contexts = Readonly<Record<string, unknown>>;

const MAX_TEXT = 200;
const MAX_VALUE = 60;
const MAX_VALUES = 5;

/** `undefined` when the hook has no condition. One that cannot be evaluated has not passed. */
export function checkCondition(hook: Hook, subject: Subject): Check | undefined {
  if (hook.if === undefined) return;
  const text = `\`${shorten(hook.if.trim().replaceAll(/\s+/g, " "), MAX_TEXT)}\``;
  const contexts = { github: githubContext(subject, hook.name), vars: hook.vars ?? {} };
  try {
    const expression = parseExpression(hook.if);
    const passed = !falsy(evaluate(expression.tree, contexts));
    return { filter: "if", passed, reason: `${text} is ${passed}${valuesIn(expression, contexts)}` };
  } catch (error) {
    if (!(error instanceof EvaluationError || error instanceof ExpressionMistake)) throw error;
    const reason = `${text} cannot be evaluated: ${shorten(error.message, MAX_TEXT)}`;
    return { filter: "if", passed: false, reason, error: true };
  }
}

/** What the names in it stand for, so that nobody has to look them up in the payload. */
function valuesIn({ references }: Expression, contexts: Contexts): string {
  const values = new Map<string, string>();
  for (const { context, names, isExact, node } of references) {
    if (isExact && names.length > 0 && values.size < MAX_VALUES)
      values.set([context, ...names].join("."), described(evaluate(node, contexts)));
  }
  const list = [...values].map(([name, value]) => `\`${name}\` is ${value}`);
  return list.length > 0 ? `: ${list.join(", ")}` : "";
}

function described(value: ExpressionData): string {
  if (value.kind === data.Kind.Array) return "a list";
  if (value.kind === data.Kind.Dictionary) return "a map";
  if (value.kind === data.Kind.String) return JSON.stringify(shorten(value.coerceString(), MAX_VALUE));
  return value.kind === data.Kind.Null ? "null" : value.coerceString();
}
