/** The secrets that hooks may name: `secrets.NAME` is the variable NAME or the file that NAME_FILE names. */
import type { Environment } from "./environment.ts";
import { UserError } from "./problem.ts";
import { DEFAULT_VARIABLE } from "./secrets.ts";

export interface HookSecrets {
  /** Why hooks may never read a secret of this name; `undefined` when they may. */
  refusal(name: string): string | undefined;
  /** The value, read anew, or why there is none. */
  read(name: string): { value: string } | { problem: string };
}

/** @param ofSources the variables that hold the secrets of sources. */
export function hookSecrets(
  environment: Pick<Environment, "get">,
  ofSources: readonly string[],
): HookSecrets {
  const refusal = (name: string) => whyKept(name, ofSources);
  const read = (name: string) => {
    const reason = refusal(name);
    if (reason !== undefined) return { problem: `hooks cannot read the secret ${name}: ${reason}` };
    try {
      const value = environment.get(name);
      if (value) return { value };
      const is = value === undefined ? "not set" : "set but empty";
      return { problem: `the secret ${name} is ${is}: set the variable ${name} or ${name}_FILE` };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { problem: `the secret ${name} cannot be read: ${error.message}` };
    }
  };
  return { refusal, read };
}

/** Why a variable of the server's environment is for no hook, or `undefined`. */
export function whyKept(name: string, ofSources: readonly string[]): string | undefined {
  // On some systems the names of variables have no case.
  const upper = name.toUpperCase();
  if (upper.startsWith("LONGSHORE_")) return "names that begin with LONGSHORE_ are the server's own";
  if (upper.startsWith("PG")) return "names that begin with PG are those of the database";
  const kept = [DEFAULT_VARIABLE, ...ofSources].flatMap((variable) => [variable, `${variable}_FILE`]);
  if (kept.some((variable) => variable.toUpperCase() === upper))
    return "it is the secret of a source: whoever has it can forge deliveries";
  return;
}
