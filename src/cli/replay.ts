/** `longshore deliveries replay`: stored deliveries start the runs of today's hooks once more. */
import { type Command, Option } from "commander";
import { whoAsks } from "../config/environment.ts";
import { enabledHook } from "../config/hook-named.ts";
import { visibleLine } from "../lib/visible.ts";
import { replayByHooks } from "../store/by-hooks-of-today.ts";
import { type Delivery, type DeliveryFilter, listDeliveries } from "../store/deliveries.ts";
import { QueueLimit } from "../store/queue-limit.ts";
import type { Replayed } from "../store/replay.ts";
import type { Database } from "../store/store.ts";
import { requireDelivery } from "../store/stored-delivery.ts";
import type { RunStatus } from "../store/tables.ts";
import { type GlobalOptions, parseId, STATUSES, withFilterOptions, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";
import { remarkOnMore, selectItems } from "./selection.ts";
import { loadTodaysHooks } from "./todays-hooks.ts";

type ReplayOptions = GlobalOptions &
  Omit<DeliveryFilter, "repository" | "status"> & {
    repo?: string;
    status?: RunStatus;
    force?: boolean;
    dryRun?: boolean;
  };

interface Replay extends Replayed {
  delivery: number;
}

export function addReplay(deliveries: Command): void {
  const replaying = deliveries
    .command("replay")
    .description("start the runs of stored deliveries once more, by the hooks of today")
    .argument("[id]", "the number that `deliveries list` shows; or say with filters which", parseId);
  withFilterOptions(replaying)
    .addOption(
      new Option("--status <status>", "only those hooks whose last run for it has this status").choices(
        STATUSES,
      ),
    )
    .option(
      "--hook <name>",
      "only this hook; with a number whatever its filters say: so a person approves what came from a fork",
    )
    .option("--force", "also where the hook has succeeded for a newer push")
    .option("--dry-run", "only say which hooks would run")
    .action((id: number | undefined, _, command: Command) => replay(id, command.optsWithGlobals()));
}

async function replay(id: number | undefined, options: ReplayOptions): Promise<void> {
  await withStore(options, async ({ db }, loaded) => {
    const folder = await loadTodaysHooks(loaded, db);
    if (options.hook !== undefined) enabledHook(folder, options.hook);
    const isNamed = id !== undefined;
    const deliveries = await selectDeliveries(db, id, options);
    // Who names one has looked at it; nobody has looked at all that fit a filter.
    const heldBack = isNamed ? [] : deliveries.filter(({ replayed }) => replayed);
    const limit = new QueueLimit(loaded.settings.maxQueued);
    const replays: Replay[] = [];
    const { hook, status, force, dryRun: isDryRun } = options;
    const wish = { hook, isApproved: isNamed, status, force, isDryRun, askedBy: whoAsks() };
    for (const delivery of deliveries)
      if (!heldBack.includes(delivery))
        replays.push({
          delivery: delivery.id,
          ...(await replayByHooks(db, folder, delivery, wish, limit)),
        });
    if (isNamed) return reportOne(replays[0], options);
    const heldIds = heldBack.map((delivery) => delivery.id);
    reportAll(replays, heldIds, options);
  });
}

function reportOne(replay: Replay | undefined, { dryRun = false, json }: ReplayOptions): void {
  if (!replay) return;
  if (json) return printJson({ dryRun, ...toJson(replay, dryRun) });
  const { delivery: id } = replay;
  const lines = sentencesOn(replay, dryRun);
  if (lines.length > 0) return print(lines.join("\n"));
  print(
    `Delivery ${id} matches no hook. \`longshore explain --delivery ${id}\` says why; \`--hook\` runs one all the same.`,
  );
}

function reportAll(
  replays: readonly Replay[],
  heldBack: readonly number[],
  { dryRun = false, json }: ReplayOptions,
): void {
  if (json) return printJson({ dryRun, items: replays.map((one) => toJson(one, dryRun)), heldBack });
  const lines = replays.flatMap((one) => sentencesOn(one, dryRun));
  if (lines.length === 0) lines.push("No delivery fits that matches a hook.");
  if (heldBack.length > 0)
    lines.push(
      `Held back as replays, and left out: ${heldBack.join(", ")}. Name one by its number to replay it.`,
    );
  print([...lines, ...remarkOnMore(replays.length + heldBack.length)].join("\n"));
}

/** The oldest first. */
function selectDeliveries(db: Database, id: number | undefined, options: ReplayOptions): Promise<Delivery[]> {
  const { source, event, repo: repository, ref, since, until, status, hook } = options;
  const others = { source, event, repository, ref, since, until, status };
  // With a number, the hook is not what is looked for, but what is to run.
  return selectItems(id, id === undefined ? { ...others, hookToRun: hook } : others, {
    find: async (one) => (await requireDelivery(db, one)).delivery,
    list: ({ hookToRun, ...filter }: typeof others & { hookToRun?: string }, page) =>
      listDeliveries(db, { ...filter, ...(status === undefined ? {} : { hook: hookToRun }) }, page),
  });
}

function toJson({ delivery, runs, busy }: Replay, isDryRun: boolean) {
  return { delivery, runs: isDryRun ? runs.map(({ hook }) => ({ hook, run: null })) : runs, busy };
}

function sentencesOn({ delivery: id, runs, busy }: Replay, isDryRun: boolean): string[] {
  const started = runs.map(({ hook, run, cancelled }) => {
    if (isDryRun) return `${hook} would run for delivery ${id}.`;
    if (cancelled !== undefined) return `Run ${run} of ${hook} was cancelled at once: ${cancelled}.`;
    return `Run ${run} of ${hook}, for delivery ${id} once more.`;
  });
  const waiting = busy.map(({ hook, run }) => `${hook} is at it still: run ${run} has not ended.`);
  return [...started, ...waiting].map(visibleLine);
}
