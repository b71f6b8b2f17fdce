/** `longshore deliveries replay`: stored deliveries start the runs of today's hooks once more. */
import { type Command, Option } from "commander";
import { whoAsks } from "../config/environment.ts";
import type { HookFolder } from "../config/hook-folder.ts";
import { visibleLine } from "../lib/visible.ts";
import type { RunGroup } from "../match/concurrency.ts";
import { inOrderOfRuns } from "../match/executable.ts";
import type { Hook } from "../match/hook.ts";
import { type Incoming, judge } from "../match/match.ts";
import type { Facts } from "../match/payload.ts";
import { type Delivery, type DeliveryFilter, listDeliveries } from "../store/deliveries.ts";
import { QueueLimit } from "../store/queue-limit.ts";
import { type Replayed, replayDelivery } from "../store/replay.ts";
import type { Database } from "../store/store.ts";
import { type GlobalOptions, parseId, STATUSES, withFilterOptions, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";
import { remarkOnMore, selectItems } from "./selection.ts";
import { requireDelivery, toIncoming } from "./stored-delivery.ts";
import { enabledHook, groupFor, loadTodaysHooks } from "./todays-hooks.ts";

type ReplayOptions = GlobalOptions &
  Omit<DeliveryFilter, "repository"> & { repo?: string; force?: boolean; dryRun?: boolean };

interface Planned {
  hook: string;
  group?: RunGroup;
}

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
    for (const delivery of deliveries)
      if (!heldBack.includes(delivery))
        replays.push(await replayOne(db, folder, delivery, isNamed, options, limit));
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

async function replayOne(
  db: Database,
  folder: HookFolder,
  delivery: Delivery,
  isNamed: boolean,
  { hook, status, force = false, dryRun: isDryRun = false }: ReplayOptions,
  limit: QueueLimit,
): Promise<Replay> {
  const { incoming, facts } = toIncoming(await requireDelivery(db, delivery.id));
  const planned =
    isNamed && hook !== undefined
      ? [{ hook, group: groupFor(enabledHook(folder, hook), incoming, facts) }]
      : matching(incoming, facts, folder.hooks).filter((one) => hook === undefined || one.hook === hook);
  const hooks = planned.filter((one) => status === undefined || lastStatus(delivery, one.hook) === status);
  const { pushedAt } = facts;
  const plan = {
    delivery: delivery.id,
    hooks,
    pushedAt,
    force,
    askedBy: whoAsks(),
    isDryRun,
    now: Date.now(),
  };
  return { delivery: delivery.id, ...(await replayDelivery(db, plan, limit)) };
}

function lastStatus({ runs }: Delivery, hook: string): string | undefined {
  return runs.findLast((run) => run.hook === hook)?.status;
}

function matching(incoming: Incoming, facts: Facts, hooks: readonly Hook[]): Planned[] {
  const verdicts = judge(incoming, facts, hooks).filter(({ matches }) => matches);
  const groups = new Map(verdicts.map(({ hook, group }) => [hook, group]));
  return inOrderOfRuns([...groups.keys()], incoming.event, facts).map((hook) => ({
    hook,
    group: groups.get(hook),
  }));
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
