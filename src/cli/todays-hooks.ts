/** The hooks as a server would load them now: those in the folder, and which of them are disabled. */
import type { HookFolder } from "../config/hook-folder.ts";
import { hasErrors, showPath, UserError } from "../config/problem.ts";
import type { LoadedSettings } from "../config/settings.ts";
import { didYouMean } from "../lib/suggest.ts";
import { groupOf, type RunGroup } from "../match/concurrency.ts";
import type { Hook } from "../match/hook.ts";
import { asTriggered, type Incoming } from "../match/match.ts";
import type { Facts } from "../match/payload.ts";
import { listDisabledHooks } from "../store/disabled-hooks.ts";
import { type Database, databaseExists, openStore } from "../store/store.ts";
import { readHooks } from "./context.ts";

/** @param db the store where it is open already; without it, it is looked into if there is one. */
export async function loadTodaysHooks(loaded: LoadedSettings, db?: Database): Promise<HookFolder> {
  const folder = await readHooks(loaded);
  folder.disable(await (db ? listDisabledHooks(db) : disabledIn(loaded.settings.database)));
  return folder;
}

/** @throws {UserError} when no hook of this name is loaded. */
export function hookNamed({ hooks, problems, path }: HookFolder, name: string): Hook {
  const hook = hooks.find((candidate) => candidate.name === name);
  if (hook) return hook;
  const names = hooks.map((candidate) => candidate.name);
  const broken = hasErrors(problems) ? " A file with a mistake is no hook: see `longshore check`." : "";
  throw new UserError(
    `There is no hook "${name}" in ${showPath(path)}.${didYouMean(name, names)}${broken} \`longshore hooks list\` shows those that there are.`,
  );
}

/** @throws {UserError} when no hook of this name is loaded, or it is disabled. */
export function enabledHook(folder: HookFolder, name: string): Hook {
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

async function disabledIn(database: string): Promise<string[]> {
  if (!databaseExists(database)) return [];
  const store = await openStore(database);
  try {
    return await listDisabledHooks(store.db);
  } finally {
    await store.close();
  }
}
