/** `longshore runs retry`: runs that have ended are tried once more, each by a new run of its hook as it is today. */
import type { Command } from "commander";
import { whoAsks } from "../config/environment.ts";
import { visibleLine } from "../lib/visible.ts";
import { type Retried, retryRun } from "../store/by-hooks-of-today.ts";
import { lastOfTheirDelivery } from "../store/control.ts";
import { QueueLimit } from "../store/queue-limit.ts";
import { CommandFailed } from "./command-failed.ts";
import { parseId, STATUSES, withFilterOptions, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";
import { remarkOnMore } from "./selection.ts";
import { loadTodaysHooks } from "./todays-hooks.ts";
import { type RunFilterOptions, selectRuns, withRunFilterOptions } from "./which-runs.ts";

type RetryOptions = RunFilterOptions & { force?: boolean; dryRun?: boolean };

const ENDED = STATUSES.filter((status) => status !== "queued" && status !== "running");

export function addRetry(runs: Command): void {
  const retrying = runs
    .command("retry")
    .description("try runs that have ended once more, with the hooks of today")
    .argument("[id]", "the number that `runs list` shows; or say with filters which", parseId);
  withFilterOptions(withRunFilterOptions(retrying, ENDED))
    .option("--force", "also where the hook has succeeded for a newer push")
    .option("--dry-run", "only say which would be tried")
    .action((id: number | undefined, _, command: Command) => retry(id, command.optsWithGlobals()));
}

async function retry(id: number | undefined, options: RetryOptions): Promise<void> {
  await withStore(options, async ({ db }, loaded) => {
    const selected = await selectRuns(db, id, options, ["failed"]);
    // What has been tried again since is no failure any more; who names one run knows better.
    const runs = id === undefined ? await lastOfTheirDelivery(db, selected) : selected;
    const folder = await loadTodaysHooks(loaded, db);
    const results: Retried[] = [];
    const limit = new QueueLimit(loaded.settings.maxQueued);
    const wish = { force: options.force, isDryRun: options.dryRun, askedBy: whoAsks() };
    for (const run of runs) results.push(await retryRun(db, folder, run, wish, limit));
    if (options.json) printJson({ dryRun: options.dryRun ?? false, runs: results.map(toJson) });
    else print(sentencesOn(results, selected.length, options.dryRun ?? false).join("\n"));
    if (id !== undefined && results.some(({ problem }) => problem !== null)) throw new CommandFailed();
  });
}

function toJson({ run, retriedBy, problem }: Retried) {
  return { run: run.id, hook: run.hook, delivery: run.deliveryId, retriedBy, problem };
}

function sentencesOn(results: readonly Retried[], selected: number, isDryRun: boolean): string[] {
  if (results.length === 0)
    return [selected === 0 ? "No run fits." : "All that fit have been tried again since."];
  const lines = results.map(({ run, retriedBy, problem }) => {
    const name = `Run ${run.id} of ${run.hook}, for delivery ${run.deliveryId},`;
    if (problem !== null)
      return visibleLine(`${name} is not tried again: ${problem}`.replace(/([^.])$/, "$1."));
    return visibleLine(
      isDryRun ? `${name} would be tried once more.` : `${name} is tried once more by run ${retriedBy}.`,
    );
  });
  return [...lines, ...remarkOnMore(selected)];
}
