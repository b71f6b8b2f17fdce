/** `longshore run HOOK`: one run by hand, with a delivery made for it, performed by the server that is running. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { whoAsks } from "../config/environment.ts";
import { enabledHook, groupFor } from "../config/hook-named.ts";
import { visibleLine } from "../lib/visible.ts";
import { parsePayload } from "../match/body.ts";
import { deliveryToJson, runToJson } from "../store/as-json.ts";
import { storeByHand } from "../store/by-hand.ts";
import { findDelivery } from "../store/deliveries.ts";
import { isWorking, listNodes, type Node } from "../store/nodes.ts";
import { countRunningRuns, type Run } from "../store/runs.ts";
import type { Database } from "../store/store.ts";
import { asTyped } from "./as-typed.ts";
import { CommandFailed } from "./command-failed.ts";
import { type GlobalOptions, withStore } from "./context.ts";
import { type HandMade, type HandMadeOptions, makeByHand } from "./hand-made.ts";
import { print, printJson } from "./print.ts";
import { printLogs, summaryOf } from "./runs.ts";
import { loadTodaysHooks } from "./todays-hooks.ts";
import { requireRun } from "./which-runs.ts";

type RunOptions = GlobalOptions & HandMadeOptions & { follow?: boolean };

/** A worker with a free hand claims a run within milliseconds, and of a hook that has just been written within two seconds. */
const CLAIMED_WITHIN_MS = 3_000;
/** A server that has just started says within so long that it is there. */
const SAYS_SO_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 50;

export function addRunHook(program: Command): void {
  program
    .command("run")
    .description("run a hook by hand, whatever its filters say")
    .argument("<hook>", "the name that `hooks list` shows")
    .option("--ref <ref>", "for this branch, or this full ref; else for the default branch")
    .option("--repo <owner/name>", "for this repository; else for the one that the hook names or has run for")
    .option("--source <name>", "as if it came to this source; else to the hook's")
    .option("--payload <file>", "with this payload, not with one made for it")
    .option("--event <name>", "the event that the payload is of")
    .option("--follow", "wait for its end and print what it prints (exit code 1 unless it succeeded)")
    .action((name: string, _, command: Command) => runHook(name, command.optsWithGlobals()));
}

async function runHook(name: string, options: RunOptions): Promise<void> {
  await withStore(options, async (store, loaded) => {
    const hook = enabledHook(await loadTodaysHooks(loaded, store.db), name);
    const made = await makeByHand(store.db, hook, loaded, options);
    const group = groupFor(hook, { ...made, payload: parsePayload(made.body) }, made.facts);
    const { run, delivery } = await storeByHand(store, {
      ...made,
      hook: name,
      group,
      askedBy: whoAsks(),
      maxQueued: loaded.settings.maxQueued,
      now: Date.now(),
    });
    store.announce();
    if (!options.json) print(titleOf(made, name, delivery, run));
    const seen = await whenClaimed(store.db, run);
    if (!options.json) print(await stateOf(store.db, seen));
    const ended = options.follow ? await follow(store.db, seen, options) : seen;
    if (options.json) {
      const stored = await findDelivery(store.db, delivery);
      printJson({ delivery: stored && deliveryToJson(stored), run: runToJson(ended) });
    }
    if (ended.status === "cancelled" || (options.follow && ended.status !== "succeeded"))
      throw new CommandFailed();
  });
}

function titleOf({ event, facts }: HandMade, hook: string, delivery: number, run: number): string {
  const about = [event, facts.repository, facts.ref].filter((part) => part !== null).join(", ");
  return visibleLine(`Run ${run} of ${hook}, for delivery ${delivery}, which was made by hand: ${about}.`);
}

/** The run as it is once somebody has claimed it, or when nobody has for a while; sooner where nobody is there. */
async function whenClaimed(db: Database, id: number): Promise<Run> {
  const asked = performance.now();
  for (;;) {
    const run = await requireRun(db, id);
    const waitedMs = performance.now() - asked;
    if (run.status !== "queued" || waitedMs > CLAIMED_WITHIN_MS) return run;
    if (waitedMs > SAYS_SO_WITHIN_MS && !(await isAnybodyThere(db))) return run;
    await delay(LOOK_EVERY_MS);
  }
}

async function isAnybodyThere(db: Database): Promise<boolean> {
  return (await runningWorkers(db)).length > 0 || (await countRunningRuns(db)) > 0;
}

async function stateOf(db: Database, run: Run): Promise<string> {
  if (run.status === "cancelled") return summaryOf(run);
  const next = `What it prints: ${asTyped(`runs logs ${run.id} --follow`)}`;
  if (run.status !== "queued") return next;
  const reason = await whyItWaits(db, run);
  return reason === undefined
    ? `No server seems to be running. It waits in the queue until one does: ${asTyped("serve")}`
    : `${reason} ${next}`;
}

/** `undefined` when there is nobody who could perform it. */
async function whyItWaits(db: Database, { hook }: Run): Promise<string | undefined> {
  const workers = await runningWorkers(db);
  const isLoaded = workers.some(({ hooks: { versions } }) =>
    versions.some(({ name, version }) => name === hook && version !== null),
  );
  const names = workers.map(({ name }) => name).join(", ");
  if (workers.length > 0 && !isLoaded)
    return `It waits: ${hook} is loaded on no worker that is running (${names}); see \`longshore nodes list\`.`;
  const running = await countRunningRuns(db);
  // Also of a server that does not say that it is there, as earlier versions did not.
  if (running > 0) return `It waits for a free worker; ${running} ${running === 1 ? "is" : "are"} at work.`;
  return isLoaded ? `It waits until a worker claims it (${names}).` : undefined;
}

async function runningWorkers(db: Database): Promise<Node[]> {
  return (await listNodes(db, Date.now())).filter(isWorking);
}

/** Prints what the run prints, unless one JSON document is wanted, until it has ended. */
async function follow(db: Database, run: Run, { json }: GlobalOptions): Promise<Run> {
  if (!json) {
    const ended = await printLogs(db, run, { follow: true });
    process.stderr.write(`${summaryOf(ended)}\n`);
    return ended;
  }
  for (let now = run; ; now = await requireRun(db, run.id)) {
    if (now.finishedAt !== null) return now;
    await delay(LOOK_EVERY_MS);
  }
}
