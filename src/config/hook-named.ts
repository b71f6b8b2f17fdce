/** The hook that somebody has named, among those that are loaded. */
import { didYouMean } from "../lib/suggest.ts";
import { groupOf, type RunGroup } from "../match/concurrency.ts";
import type { Hook } from "../match/hook.ts";
import { asTriggered, type Incoming } from "../match/match.ts";
import type { Facts } from "../match/payload.ts";
import type { HookFolder } from "./hook-folder.ts";
import { hasErrors, showPath, UserError } from "./problem.ts";

/** What is in a hooks folder, as it is loaded. */
export type LoadedHooks = Pick<HookFolder, "hooks" | "problems" | "path">;

/** @throws {UserError} when no hook of this name is loaded. */
export function hookNamed({ hooks, problems, path }: LoadedHooks, name: string): Hook {
  const hook = hooks.find((candidate) => candidate.name === name);
  if (hook) return hook;
  const names = hooks.map((candidate) => candidate.name);
  const broken = hasErrors(problems) ? " A file with a mistake is no hook: see `longshore check`." : "";
  throw new UserError(
    `There is no hook "${name}" in ${showPath(path)}.${didYouMean(name, names)}${broken} \`longshore hooks list\` shows those that there are.`,
  );
}

/** @throws {UserError} when no hook of this name is loaded, or it is disabled. */
export function enabledHook(folder: LoadedHooks, name: string): Hook {
  const hook = hookNamed(folder, name);
  if (hook.disabled)
    throw new UserError(`${name} is disabled. \`longshore hooks enable ${name}\` ends that.`);
  return hook;
}

/**
 * The concurrency group of a run that a person starts.
 *
 * @throws {UserError} when nobody can tell which it is.
 */
export function groupFor(hook: Hook, incoming: Incoming, facts: Facts): RunGroup | undefined {
  const group = groupOf(hook, incoming.source, asTriggered(incoming, facts, hook));
  if (group === undefined || !("problem" in group)) return group;
  throw new UserError(`The concurrency group of ${hook.name} is not known: ${group.problem}.`);
}
