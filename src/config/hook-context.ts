/** What hook files are checked against: names that the settings know. Plain data, so that a thread can be given it. */
import type { Settings } from "./settings.ts";

export interface HookContext {
  /** The names of the sources. */
  sources: readonly string[];
}

export function hookContext({ sources }: Settings): HookContext {
  return { sources: sources.map(({ name }) => name) };
}
