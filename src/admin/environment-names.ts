/** The names of the variables that a hook gives its runs beside those that every run has. Values are never told. */
import type { Hook } from "../match/hook.ts";

/** @param inherited those that the settings give every run. In alphabetical order. */
export function environmentNames(hook: Hook | undefined, inherited: readonly string[]): string[] {
  const work = hook?.work;
  const own = work && "env" in work ? [...Object.keys(work.env), ...(work.inheritEnv ?? [])] : [];
  return [...new Set([...own, ...inherited])].sort();
}
