/** Which runs a command is about. */
import { type Command, Option } from "commander";
import { UserError } from "../config/problem.ts";
import { findRun, listRuns, type Run, type RunFilter } from "../store/runs.ts";
import type { Database } from "../store/store.ts";
import type { RunStatus } from "../store/tables.ts";
import { type GlobalOptions, parseId } from "./context.ts";
import { selectItems } from "./selection.ts";

export type RunFilterOptions = GlobalOptions & Omit<RunFilter, "repository"> & { repo?: string };

/** Adds the filters that fit runs alone; those of every list are added by `withFilterOptions`. */
export function withRunFilterOptions(command: Command, statuses: readonly RunStatus[]): Command {
  return command
    .option("--hook <name>", "of this hook")
    .addOption(new Option("--status <status>", "of this status").choices(statuses))
    .option("--delivery <id>", "of this delivery", parseId);
}

export function toRunFilter(options: RunFilterOptions): RunFilter {
  const { hook, status, source, event, repo: repository, ref, since, until, delivery } = options;
  return { hook, status, source, event, repository, ref, since, until, delivery };
}

/**
 * The run that is named, or those that fit the filters, the oldest first.
 *
 * @param statuses of those that are looked for where no status is named.
 * @throws {UserError} when there is no such run, or nothing says which.
 */
export function selectRuns(
  db: Database,
  id: number | undefined,
  options: RunFilterOptions,
  statuses: readonly RunStatus[],
): Promise<Run[]> {
  return selectItems(id, toRunFilter(options), {
    find: (one) => requireRun(db, one),
    list: (filter, page) => listRuns(db, { ...filter, status: filter.status ?? statuses }, page),
  });
}

/** @throws {UserError} when there is none. */
export async function requireRun(db: Database, id: number): Promise<Run> {
  const run = await findRun(db, id);
  if (!run) throw new UserError(`There is no run ${id}. \`longshore runs list\` shows those that there are.`);
  return run;
}
