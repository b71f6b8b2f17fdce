/** The variables that a hook gives its script in `env`: expressions evaluated, secrets read, for one attempt. */
import type { HookSecrets } from "../config/hook-secrets.ts";
import type { Subject } from "../match/contexts.ts";
import type { Hook } from "../match/hook.ts";
import { fillTexts, type RunProperties } from "./fill-texts.ts";

export interface HookEnvironment {
  variables: Record<string, string>;
  /** The values that nobody else may see. */
  secrets: string[];
}

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
  const names = Object.keys(writtenIn(hook));
  const texts = Object.fromEntries(
    Object.entries(writtenIn(hook)).map(([name, text]) => [labelOf(name), text]),
  );
  const filled = fillTexts(texts, hook, subject, run, secrets);
  if ("problem" in filled) return filled;
  const { values } = filled;
  return {
    variables: Object.fromEntries(names.map((name) => [name, values[labelOf(name)] ?? ""])),
    secrets: filled.secrets,
  };
}

function labelOf(name: string): string {
  return `env.${name}`;
}

/** `env` as it is written. An executable has nowhere to write it. */
function writtenIn({ work }: Hook): Readonly<Record<string, string>> {
  return "env" in work ? work.env : {};
}
