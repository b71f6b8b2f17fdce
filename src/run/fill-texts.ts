/** The texts of a hook that have expressions, evaluated for one attempt, with the secrets that they name. */
import type { HookSecrets } from "../config/hook-secrets.ts";
import { shorten } from "../lib/shorten.ts";
import { githubContext, type RUN_PROPERTIES, type Subject } from "../match/contexts.ts";
import { EvaluationError, ExpressionMistake, parseExpression } from "../match/expression.ts";
import type { Hook } from "../match/hook.ts";
import { isForeign } from "../match/match.ts";
import { expressionsIn, fill } from "../match/template.ts";
import { Masker } from "./masker.ts";

export type RunProperties = Readonly<Record<(typeof RUN_PROPERTIES)[number], string>>;

export interface FilledTexts {
  /** By the names that the texts were given under. */
  values: Record<string, string>;
  /** What nobody else may see. */
  secrets: string[];
}

const MAX_MESSAGE = 200;

/**
 * The values of texts, or why they cannot be had: a sentence for the run's reason. For code from a fork `secrets` is
 * empty.
 *
 * @param texts by what people call them, such as `env.NAME`.
 * @param subject the delivery as the hook has asked for it.
 */
export function fillTexts(
  texts: Readonly<Record<string, string>>,
  hook: Hook,
  subject: Subject,
  run: RunProperties,
  secrets: HookSecrets,
): FilledTexts | { problem: string } {
  const known: Record<string, string> = {};
  // Code from a fork gets no secrets, as in Actions.
  for (const name of isForeign(subject.event, subject.facts) ? [] : secretsNamed(Object.values(texts))) {
    const found = secrets.read(name);
    if ("problem" in found) return found;
    known[name] = found.value;
  }
  const github = { ...githubContext(subject, hook.name), ...run };
  const contexts = { github, vars: hook.vars ?? {}, secrets: known };
  const values: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts)) {
    try {
      values[name] = fill(text, contexts);
    } catch (error) {
      if (!(error instanceof EvaluationError || error instanceof ExpressionMistake)) throw error;
      // Masked before it is cut: half a secret would not be found.
      const message = shorten(new Masker(Object.values(known)).text(error.message), MAX_MESSAGE);
      return { problem: `\`${name}\` cannot be evaluated: ${message}` };
    }
  }
  return { values, secrets: Object.values(known) };
}

function secretsNamed(texts: readonly string[]): Set<string> {
  const references = texts.flatMap(expressionsIn).flatMap((text) => parseExpression(text).references);
  return new Set(
    references.flatMap(({ context, names }) => (context === "secrets" ? names.slice(0, 1) : [])),
  );
}
