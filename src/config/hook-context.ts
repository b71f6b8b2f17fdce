/** What hook files may refer to, and are checked against. */
import type { Environment } from "./environment.ts";
import { type HookSecrets, hookSecrets } from "./hook-secrets.ts";
import { secretVariables } from "./secrets.ts";
import type { Settings } from "./settings.ts";

export interface HookContext {
  /** The names of the sources. */
  sources: readonly string[];
  /** The settings' `vars`. */
  vars: Readonly<Record<string, string>>;
  secrets: HookSecrets;
}

export function hookContext(settings: Settings, environment: Environment): HookContext {
  return {
    sources: settings.sources.map(({ name }) => name),
    vars: settings.vars,
    secrets: hookSecrets(environment, secretVariables(settings)),
  };
}
