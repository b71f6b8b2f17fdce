/** What commands have in common: the settings, the hooks, the store, and the options of lists. */
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { hookContext } from "../config/hook-context.ts";
import { HookFolder } from "../config/hook-folder.ts";
import { UserError } from "../config/problem.ts";
import { type LoadedSettings, loadSettings, type SourceSettings } from "../config/settings.ts";
import { didYouMean } from "../lib/suggest.ts";
import { parseTime } from "../lib/times.ts";
import { HandlerFiles } from "../run/handlers/hooks.ts";
import type { Page } from "../store/deliveries.ts";
import { databaseExists, openStore, type Store } from "../store/store.ts";
import type { RunStatus } from "../store/tables.ts";

export interface GlobalOptions {
  config?: string;
  json?: boolean;
}

/** The settings as the command line asked for them. */
export function settingsOf(options: GlobalOptions): LoadedSettings {
  return loadSettings(process.env, options.config);
}

/**
 * Opens the store beside a server that may be running, does something with it, and closes it.
 *
 * @throws {UserError} when there is no database: only `serve` makes one.
 */
export async function withStore<T>(
  options: GlobalOptions,
  action: (store: Store, loaded: LoadedSettings) => Promise<T>,
): Promise<T> {
  const loaded = settingsOf(options);
  const { database, file } = loaded.settings;
  if (!databaseExists(database)) {
    const where = file
      ? `as ${file} says`
      : "there is no settings file, so this is below the working directory";
    throw new UserError(`There is no database at ${database} (${where}). \`longshore serve\` makes one.`);
  }
  const store = await openStore(database);
  try {
    const result = await action(store, loaded);
    // Whatever it was: a run may be due now.
    store.announce();
    return result;
  } finally {
    await store.close();
  }
}

/** The hooks folder, read once. */
export async function readHooks({
  settings,
  environment,
}: Pick<LoadedSettings, "settings" | "environment">): Promise<HookFolder> {
  // Whoever asks may be neither the server nor on its machine.
  const handlerFiles = new HandlerFiles({ user: settings.runsUser, orOwn: true });
  const context = hookContext(settings, environment);
  const folder = new HookFolder(settings.hooksFolder, context, [handlerFiles.reader]);
  try {
    await folder.load();
    return folder;
  } finally {
    await handlerFiles.close();
  }
}

/** @throws {UserError} when there is no such source; without a name, when there are several. */
export function sourceNamed({ settings }: LoadedSettings, name: string | undefined): SourceSettings {
  const names = settings.sources.map((source) => source.name);
  if (name === undefined && settings.sources.length > 1)
    throw new UserError(`Name the source: ${names.join(", ")}.`);
  const source = settings.sources.find((candidate) => name === undefined || candidate.name === name);
  if (!source) throw new UserError(`There is no source "${name}".${didYouMean(name ?? "", names)}`);
  return source;
}

export const STATUSES: readonly RunStatus[] = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "skipped",
];

interface ListOptions {
  limit: number;
  after?: number;
}

/** Adds the options of every list. */
export function withListOptions(command: Command): Command {
  return withFilterOptions(
    command
      .option("--limit <n>", "how many, 1 to 10000", parseLimit, 50)
      .option("--after <cursor>", "continue behind the `next` of an earlier list", parseId),
  );
}

/** Adds the filters that fit every list. */
export function withFilterOptions(command: Command): Command {
  return command
    .option("--since <time>", 'not older than this: an ISO time, or "2h" for two hours ago', readTime)
    .option("--until <time>", "older than this", readTime)
    .option("--source <name>", "of this source")
    .option("--event <name>", "of this event")
    .option("--repo <owner/name>", "of this repository")
    .option("--ref <ref>", "of this ref, or branch or tag");
}

export function pageOf({ limit, after }: ListOptions): Page {
  return { limit, after };
}

export function parseId(text: string): number {
  const id = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(id))
    throw new InvalidArgumentError("It must be a number.");
  return id;
}

/** Epoch milliseconds. */
function readTime(text: string): number {
  const time = parseTime(text, Date.now());
  if (time === undefined)
    throw new InvalidArgumentError('It must be a time such as 2026-11-24T08:00:00Z, or "2h".');
  return time;
}

export function parseLimit(text: string): number {
  const limit = parseId(text);
  if (limit < 1 || limit > 10_000) throw new InvalidArgumentError("It must be from 1 to 10000.");
  return limit;
}
