/** What hook files may refer to, and are checked against. */
import type { Environment } from "./environment.ts";
import { type HookSecrets, hookSecrets, sourceSecretNames } from "./hook-secrets.ts";
import type { Settings } from "./settings.ts";

export interface HookContext {
  /** The settings' `vars`. */
  vars: Readonly<Record<string, string>>;
  secrets: HookSecrets;
}

export const NO_CONTEXT: HookContext = { vars: {}, secrets: hookSecrets({ get: () => undefined }, []) };

export function hookContext(settings: Settings, environment: Environment): HookContext {
  return { vars: settings.vars, secrets: hookSecrets(environment, sourceSecretNames(settings)) };
}
