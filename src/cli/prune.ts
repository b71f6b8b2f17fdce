/** `longshore prune`: what the server does by itself by `retention`, now and by other measures. */
import { type Command, InvalidArgumentError } from "commander";
import { UserError } from "../config/problem.ts";
import type { Retention } from "../config/retention-schema.ts";
import { formatSize, parseDuration, parseSize } from "../lib/quantity.ts";
import { countPrunable, type Pruned, prune } from "../store/prune.ts";
import { type GlobalOptions, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";

type PruneOptions = GlobalOptions & { olderThan?: number; keepSize?: number; dryRun?: boolean };

export function addPrune(program: Command): void {
  program
    .command("prune")
    .description("remove old deliveries, with their runs and output; without options by `retention`")
    .option("--older-than <duration>", 'those that came longer ago, such as "30d"', parseAge)
    .option("--keep-size <size>", "the oldest, until the database has no more in use", parseBytes)
    .option("--dry-run", "only say how many")
    .action((_, command: Command) => pruneByHand(command.optsWithGlobals()));
}

async function pruneByHand(options: PruneOptions): Promise<void> {
  const { dryRun: isDryRun = false, json } = options;
  await withStore(options, async (store, { settings }) => {
    const { ageMs, sizeBytes: keepBytes } = measuresOf(options, settings.retention);
    const before = ageMs === null ? null : Date.now() - ageMs;
    const measures = { before, keepBytes };
    const pruned = isDryRun ? await countPrunable(store, measures) : await prune(store, measures);
    const { totalBytes, usedBytes } = await store.size();
    if (json) return printJson({ dryRun: isDryRun, ...pruned, usedBytes, totalBytes });
    print(sentenceOn(pruned, isDryRun, keepBytes !== null));
    print(`The database: ${formatSize(usedBytes)} in use of ${formatSize(totalBytes)}.`);
  });
}

/** What the command says counts alone: who names an age does not mean the size of the settings as well. */
function measuresOf({ olderThan, keepSize }: PruneOptions, retention: Retention): Retention {
  if (olderThan !== undefined || keepSize !== undefined)
    return { ageMs: olderThan ?? null, sizeBytes: keepSize ?? null };
  if (retention.ageMs === null && retention.sizeBytes === null)
    throw new UserError(
      "`retention` keeps everything forever. Say what is to go: --older-than 90d, or --keep-size 1GiB.",
    );
  return retention;
}

function sentenceOn({ deliveries, runs }: Pruned, isDryRun: boolean, isEstimate: boolean): string {
  if (deliveries === 0) return "Nothing is old enough. Deliveries with runs that wait or are performed stay.";
  const verb = isDryRun ? "Would remove" : "Removed";
  const about = isDryRun && isEstimate ? "about " : "";
  return `${verb} ${about}${counted(deliveries, "delivery", "deliveries")} with ${counted(runs, "run", "runs")}.`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function parseAge(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It must be a duration such as "30d" or "12h".');
  return ms;
}

function parseBytes(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('It must be a size such as "500MiB" or "2GiB".');
  return bytes;
}
