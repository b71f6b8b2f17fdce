/** `longshore runs retry`: runs that have ended are tried once more, each by a new run of its hook as it is today. */
import type { Command } from "commander";
import { whoAsks } from "../config/environment.ts";
import type { HookFolder } from "../config/hook-folder.ts";
import { UserError } from "../config/problem.ts";
import { visibleLine } from "../lib/visible.ts";
import { lastOfTheirDelivery } from "../store/control.ts";
import { QueueLimit } from "../store/queue-limit.ts";
import { replayDelivery } from "../store/replay.ts";
import type { Run } from "../store/runs.ts";
import type { Database } from "../store/store.ts";
import { CommandFailed } from "./command-failed.ts";
import { parseId, STATUSES, withFilterOptions, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";
import { remarkOnMore } from "./selection.ts";
import { requireDelivery, toIncoming } from "./stored-delivery.ts";
import { enabledHook, groupFor, loadTodaysHooks } from "./todays-hooks.ts";
import { type RunFilterOptions, selectRuns, withRunFilterOptions } from "./which-runs.ts";

type RetryOptions = RunFilterOptions & { force?: boolean; dryRun?: boolean };

/** What became of the wish to try a run once more. */
interface Retried {
  run: Run;
  /** The number of the new one; `null` in a dry run, and where there is none. */
  retriedBy: number | null;
  /** Why there is none. */
  problem: string | null;
}

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
    for (const run of runs) results.push(await retryOne(db, folder, run, options, limit));
    if (options.json) printJson({ dryRun: options.dryRun ?? false, runs: results.map(toJson) });
    else print(sentencesOn(results, selected.length, options.dryRun ?? false).join("\n"));
    if (id !== undefined && results.some(({ problem }) => problem !== null)) throw new CommandFailed();
  });
}

async function retryOne(
  db: Database,
  folder: HookFolder,
  run: Run,
  options: RetryOptions,
  limit: QueueLimit,
): Promise<Retried> {
  const { force = false, dryRun: isDryRun = false } = options;
  const no = (problem: string): Retried => ({ run, retriedBy: null, problem });
  if (run.finishedAt === null) return no("it has not ended yet");
  try {
    const hook = enabledHook(folder, run.hook);
    const { incoming, facts } = toIncoming(await requireDelivery(db, run.deliveryId));
    const again = { hook: run.hook, group: groupFor(hook, incoming, facts), retryOf: run.id };
    const plan = {
      delivery: run.deliveryId,
      hooks: [again],
      pushedAt: facts.pushedAt,
      force,
      askedBy: whoAsks(),
      isDryRun,
      now: Date.now(),
    };
    const { runs, busy } = await replayDelivery(db, plan, limit);
    if (busy[0]) return no(`run ${busy[0].run} is at it still`);
    const { cancelled } = runs[0] ?? {};
    if (cancelled !== undefined) return no(cancelled);
    return { run, retriedBy: isDryRun ? null : (runs[0]?.run ?? null), problem: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return no(error.message);
  }
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
