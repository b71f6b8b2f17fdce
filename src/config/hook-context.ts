/** What hook files are checked against: names that the settings know. Plain data, so that a thread can be given it. */
import { secretVariables } from "./secrets.ts";
import type { Settings } from "./settings.ts";

export interface HookContext {
  /** The names of the sources. */
  sources: readonly string[];
  /** The variables that hold the secrets of sources. */
  secretVariables: readonly string[];
}

export function hookContext(settings: Settings): HookContext {
  return {
    sources: settings.sources.map(({ name }) => name),
    secretVariables: secretVariables(settings),
  };
}
