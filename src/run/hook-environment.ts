/** The variables that a hook gives its script in `env`: expressions evaluated, secrets read, for one attempt. */
import type { HookSecrets } from "../config/hook-secrets.ts";
import { shorten } from "../lib/shorten.ts";
import { githubContext, type RUN_PROPERTIES, type Subject } from "../match/contexts.ts";
import { EvaluationError, ExpressionMistake, parseExpression } from "../match/expression.ts";
import type { Hook } from "../match/hook.ts";
import { isForeign } from "../match/match.ts";
import { expressionsIn, fill } from "../match/template.ts";
import { Masker } from "./masker.ts";

export interface HookEnvironment {
  variables: Record<string, string>;
  /** The values that nobody else may see. */
  secrets: string[];
}

const MAX_MESSAGE = 200;

type RunProperties = Readonly<Record<(typeof RUN_PROPERTIES)[number], string>>;

/**
 * The variables, or why there can be none: a sentence for the run's reason.
 *
 * @param subject the delivery as the hook has asked for it.
 */
export function hookEnvironment(
  hook: Hook,
  subject: Subject,
  run: RunProperties,
  secrets: HookSecrets,
): HookEnvironment | { problem: string } {
  const values: Record<string, string> = {};
  // Code from a fork gets no secrets, as in Actions.
  for (const name of isForeign(subject.event, subject.facts) ? [] : secretsNamed(hook)) {
    const found = secrets.read(name);
    if ("problem" in found) return found;
    values[name] = found.value;
  }
  const github = { ...githubContext(subject, hook.name), ...run };
  const contexts = { github, vars: hook.vars ?? {}, secrets: values };
  const variables: Record<string, string> = {};
  for (const [name, text] of Object.entries(writtenIn(hook))) {
    try {
      variables[name] = fill(text, contexts);
    } catch (error) {
      if (!(error instanceof EvaluationError || error instanceof ExpressionMistake)) throw error;
      // Masked before it is cut: half a secret would not be found.
      const message = shorten(new Masker(Object.values(values)).text(error.message), MAX_MESSAGE);
      return { problem: `\`env.${name}\` cannot be evaluated: ${message}` };
    }
  }
  return { variables, secrets: Object.values(values) };
}

/** `env` as it is written. An executable has nowhere to write it. */
function writtenIn({ work }: Hook): Readonly<Record<string, string>> {
  return work.kind === "executable" ? {} : work.env;
}

function secretsNamed(hook: Hook): Set<string> {
  const expressions = Object.values(writtenIn(hook)).flatMap(expressionsIn);
  const references = expressions.flatMap((text) => parseExpression(text).references);
  return new Set(
    references.flatMap(({ context, names }) => (context === "secrets" ? names.slice(0, 1) : [])),
  );
}
