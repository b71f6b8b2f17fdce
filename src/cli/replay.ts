/** `longshore deliveries replay ID`: a stored delivery starts runs of today's hooks once more. */
import type { Command } from "commander";
import { UserError } from "../config/problem.ts";
import { contentTypeOf, jsonText, parsePayload } from "../match/body.ts";
import type { RunGroup } from "../match/concurrency.ts";
import { inOrderOfRuns } from "../match/executable.ts";
import type { Hook } from "../match/hook.ts";
import { type Incoming, judge } from "../match/match.ts";
import { type Facts, readFacts } from "../match/payload.ts";
import { findDelivery, readContents } from "../store/deliveries.ts";
import { type Replayed, replayDelivery } from "../store/replay.ts";
import type { Database } from "../store/store.ts";
import { type GlobalOptions, parseId, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";
import { enabledHook, groupFor, loadTodaysHooks } from "./todays-hooks.ts";

type ReplayOptions = GlobalOptions & { hook?: string; force?: boolean; dryRun?: boolean };

interface Planned {
  hook: string;
  group?: RunGroup;
}

export function addReplay(deliveries: Command): void {
  deliveries
    .command("replay")
    .description("start the runs of a stored delivery once more, by the hooks of today")
    .argument("<id>", "the number that `deliveries list` shows", parseId)
    .option(
      "--hook <name>",
      "only this hook, whatever its filters say: so a person approves what came from a fork",
    )
    .option("--force", "also where the hook has succeeded for a newer push")
    .option("--dry-run", "only say which hooks would run")
    .action((id: number, _, command: Command) => replay(id, command.optsWithGlobals()));
}

async function replay(id: number, options: ReplayOptions): Promise<void> {
  const { force = false, dryRun: isDryRun = false, json } = options;
  await withStore(options, async ({ db }, loaded) => {
    const { incoming, facts } = await loadIncoming(db, id);
    const folder = await loadTodaysHooks(loaded, db);
    const hooks =
      options.hook === undefined
        ? matching(incoming, facts, folder.hooks)
        : [{ hook: options.hook, group: groupFor(enabledHook(folder, options.hook), incoming, facts) }];
    const { pushedAt } = facts;
    const plan = { delivery: id, hooks, pushedAt, force, isDryRun, now: Date.now() };
    const replayed = await replayDelivery(db, plan);
    if (json) return printJson({ delivery: id, dryRun: isDryRun, ...toJson(replayed, isDryRun) });
    print(sentencesOn(id, replayed, isDryRun).join("\n"));
  });
}

/** @throws {UserError} when there is no such delivery. */
async function loadIncoming(db: Database, id: number): Promise<{ incoming: Incoming; facts: Facts }> {
  const delivery = await findDelivery(db, id);
  const contents = await readContents(db, id);
  if (!delivery || !contents)
    throw new UserError(
      `There is no delivery ${id}. \`longshore deliveries list\` shows those that there are.`,
    );
  const { source, event } = delivery;
  const payload = parsePayload(jsonText(contentTypeOf(contents.headers), contents.body));
  return { incoming: { source, event, payload }, facts: readFacts(event, payload) };
}

function matching(incoming: Incoming, facts: Facts, hooks: readonly Hook[]): Planned[] {
  const verdicts = judge(incoming, facts, hooks).filter(({ matches }) => matches);
  const groups = new Map(verdicts.map(({ hook, group }) => [hook, group]));
  return inOrderOfRuns([...groups.keys()], incoming.event, facts).map((hook) => ({
    hook,
    group: groups.get(hook),
  }));
}

function toJson({ runs, busy }: Replayed, isDryRun: boolean) {
  return { runs: isDryRun ? runs.map(({ hook }) => ({ hook, run: null })) : runs, busy };
}

function sentencesOn(id: number, { runs, busy }: Replayed, isDryRun: boolean): string[] {
  const started = runs.map(({ hook, run }) =>
    isDryRun
      ? `${hook} would run for delivery ${id}.`
      : `Run ${run} of ${hook}, for delivery ${id} once more.`,
  );
  const waiting = busy.map(({ hook, run }) => `${hook} is at it still: run ${run} has not ended.`);
  if (started.length + waiting.length > 0) return [...started, ...waiting];
  return [
    `Delivery ${id} matches no hook. \`longshore explain --delivery ${id}\` says why; \`--hook\` runs one all the same.`,
  ];
}
