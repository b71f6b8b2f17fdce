/** `longshore runs cancel`: ends runs that wait, and those that are being performed. */
import type { Command } from "commander";
import { whoAsks } from "../config/environment.ts";
import { visibleLine } from "../lib/visible.ts";
import { type Cancelled, cancelRun } from "../store/control.ts";
import type { Run } from "../store/runs.ts";
import { CommandFailed } from "./command-failed.ts";
import { parseId, withFilterOptions, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";
import { remarkOnMore } from "./selection.ts";
import { type RunFilterOptions, selectRuns, withRunFilterOptions } from "./which-runs.ts";

type CancelOptions = RunFilterOptions & { dryRun?: boolean };

const LIVE = ["queued", "running"] as const;

export function addCancel(runs: Command): void {
  const cancelling = runs
    .command("cancel")
    .description("end runs: one that waits never starts, one that is being performed is stopped")
    .argument("[id]", "the number that `runs list` shows; or say with filters which", parseId);
  withFilterOptions(withRunFilterOptions(cancelling, LIVE))
    .option("--dry-run", "only say which would be ended")
    .action((id: number | undefined, _, command: Command) => cancel(id, command.optsWithGlobals()));
}

async function cancel(id: number | undefined, options: CancelOptions): Promise<void> {
  const { dryRun: isDryRun = false, json } = options;
  await withStore(options, async ({ db }) => {
    const selected = await selectRuns(db, id, options, LIVE);
    const reason = `cancelled by ${whoAsks()}`;
    const results: { run: Run; result: Cancelled }[] = [];
    for (const run of selected) {
      const done = isDryRun ? undefined : await cancelRun(db, run.id, { reason, now: Date.now() });
      results.push(done ?? { run, result: resultFor(run) });
    }
    if (json)
      printJson({
        dryRun: isDryRun,
        runs: results.map(({ run, result }) => ({ run: run.id, hook: run.hook, result })),
      });
    else print(sentencesOn(results, isDryRun).join("\n"));
    if (id !== undefined && results.every(({ result }) => result === "ended")) throw new CommandFailed();
  });
}

/** What would become of it. */
function resultFor({ status, finishedAt }: Run): Cancelled {
  if (finishedAt !== null) return "ended";
  return status === "running" ? "stopping" : "cancelled";
}

function sentencesOn(results: readonly { run: Run; result: Cancelled }[], isDryRun: boolean): string[] {
  if (results.length === 0) return ["No run that waits or is being performed fits."];
  const lines = results.map(({ run, result }) =>
    visibleLine(`${nameOf(run)} ${whatOf(run, result, isDryRun)}`),
  );
  return [...lines, ...remarkOnMore(results.length)];
}

function nameOf({ id, hook }: Run): string {
  return `Run ${id} of ${hook}`;
}

function whatOf({ status }: Run, result: Cancelled, isDryRun: boolean): string {
  if (result === "ended") return `has ended already: ${status}.`;
  if (isDryRun) return result === "cancelled" ? "would not start." : "would be stopped.";
  return result === "cancelled" ? "does not start any more." : "is being stopped.";
}
