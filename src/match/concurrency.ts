/**
 * The group of runs that a run belongs to: at most one of a group is performed at a time.
 * https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
 */
import { falsy } from "@actions/expressions/result";
import { shorten } from "../lib/shorten.ts";
import { githubContext, type Subject } from "./contexts.ts";
import { EvaluationError, ExpressionMistake, evaluate, parseExpression } from "./expression.ts";
import type { Hook } from "./hook.ts";
import { fill, readCondition } from "./template.ts";

/** The group of one run, settled when its delivery is stored. */
export interface RunGroup {
  /** Source, repository and group, or `* * group` for the whole server; all in lower case, because case does not count. */
  name: string;
  queue: "single" | "max";
  /** Whether the run stops what is being performed. */
  cancelsRunning: boolean;
}

const MAX_MESSAGE = 200;
const MAX_NAME = 400;

/** `undefined` when the hook has no group; or why nobody can tell which. */
export function groupOf(
  hook: Hook,
  source: string,
  subject: Subject,
): RunGroup | { problem: string } | undefined {
  if (!hook.concurrency) return;
  const { group, scope, queue, cancelInProgress } = hook.concurrency;
  const contexts = { github: githubContext(subject, hook.name), vars: hook.vars ?? {} };
  try {
    const text = fill(group, contexts).trim();
    if (text === "") return { problem: "the group's name is empty" };
    if (text.length > MAX_NAME) return { problem: `the group's name is longer than ${MAX_NAME} characters` };
    const owner = scope === "server" ? "* *" : `${source} ${subject.facts.repository ?? "-"}`;
    const cancelsRunning =
      typeof cancelInProgress === "boolean" ? cancelInProgress : isTrue(cancelInProgress, contexts);
    return { name: `${owner} ${text}`.toLowerCase(), queue, cancelsRunning };
  } catch (error) {
    if (!(error instanceof EvaluationError || error instanceof ExpressionMistake)) throw error;
    return { problem: `it cannot be evaluated: ${shorten(error.message, MAX_MESSAGE)}` };
  }
}

function isTrue(condition: string, contexts: Readonly<Record<string, unknown>>): boolean {
  return !falsy(evaluate(parseExpression(readCondition(condition).expression).tree, contexts));
}
