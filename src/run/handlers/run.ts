/** One run in its handler process, from its environment to its end: {@link performInHandler} tells the story. */
import { readFileSync } from "node:fs";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { formatWithOptions } from "node:util";
import type { Payload } from "../../match/payload.ts";
import { becomeEnvironment } from "../environment.ts";
import type { HandlerDelivery, HandlerLog } from "./define-hook.ts";
import { describeError, showError } from "./describe-error.ts";
import type { HandlerEnd, HandlerRun } from "./messages.ts";
import { createOctokit, type Octokit } from "./octokit.ts";
import type { Watch, WatchFailure } from "./watch.ts";

/** What `defineHook` has returned, as it is called here. */
export interface Definition {
  if?: (input: Input) => unknown;
  run: (input: Input) => unknown;
}

interface Input {
  delivery: HandlerDelivery;
  event: string;
  payload: Payload;
  env: Readonly<Record<string, string>>;
  log: HandlerLog;
  signal: AbortSignal;
  readonly octokit: Octokit;
}

/** Kept from the handler's hands: it may replace `process.stdout.write`. */
const WRITE = {
  stdout: process.stdout.write.bind(process.stdout),
  stderr: process.stderr.write.bind(process.stderr),
};

/** A connection that is being closed is gone after a moment; what is still there then was forgotten. */
const CLOSING_MS = 100;
const LOOK_EVERY_MS = 5;

export async function performInHandler(hook: Definition, run: HandlerRun, watch: Watch): Promise<HandlerEnd> {
  becomeEnvironment(run.env);
  process.chdir(run.folder);
  process.exitCode = undefined;
  const stop = new AbortController();
  const terminate = () => stop.abort(new Error("the run is to end"));
  process.on("SIGTERM", terminate);
  const end = await watch
    .over(
      () => attempt(hook, run, stop.signal),
      "its promise never ends: nothing is left that could settle it",
    )
    .catch((error: WatchFailure) => failure(error.message, error.cause));
  process.off("SIGTERM", terminate);
  // Its own folder is about to be removed.
  process.chdir("/");
  const isMarked = await printMark(run.mark);
  return { ...end, isClean: end.isClean && isMarked };
}

async function attempt(hook: Definition, run: HandlerRun, signal: AbortSignal): Promise<HandlerEnd> {
  const before = process.getActiveResourcesInfo();
  const input = toInput(run, signal);
  try {
    if (typeof hook.if === "function" && !(await hook.if(input)))
      return { status: "skipped", reason: "its `if` says no", ...(await leftovers(before)) };
  } catch (error) {
    // No yes; and no quiet no either.
    return failure(`its \`if\` could not be evaluated: ${describeError(error)}`, error);
  }
  try {
    await hook.run(input);
  } catch (error) {
    return failure(describeError(error), error);
  }
  // As `setFailed` of GitHub's toolkit does it.
  if (Number(process.exitCode ?? 0) !== 0)
    return failure(`it has set process.exitCode to ${process.exitCode}`, undefined);
  return { status: "succeeded", reason: null, ...(await leftovers(before)) };
}

function failure(reason: string, thrown: unknown): HandlerEnd {
  if (thrown !== undefined) void WRITE.stderr(`${showError(thrown)}\n`);
  return { status: "failed", reason, isClean: false, left: [] };
}

function toInput({ delivery, payloadFile, env }: HandlerRun, signal: AbortSignal): Input {
  const log = createHandlerLog();
  let octokit: Octokit | undefined;
  return {
    delivery: { ...delivery, receivedAt: new Date(delivery.receivedAt) },
    event: delivery.event,
    payload: JSON.parse(readFileSync(payloadFile, "utf8").replace(/^\uFEFF/, "")),
    env,
    log,
    signal,
    get octokit() {
      octokit ??= createOctokit(env, log, signal);
      return octokit;
    },
  };
}

function createHandlerLog(): HandlerLog {
  const line =
    (stream: keyof typeof WRITE, prefix = "") =>
    (...values: unknown[]) =>
      void WRITE[stream](`${prefix}${formatWithOptions({ breakLength: 100 }, ...values)}\n`);
  return {
    debug: line("stdout", "debug: "),
    info: line("stdout"),
    warn: line("stderr", "warning: "),
    error: line("stderr", "error: "),
  };
}

/** What the run has opened and not closed, and what would go on in the middle of the next one. */
async function leftovers(before: readonly string[]): Promise<Pick<HandlerEnd, "isClean" | "left">> {
  const until = performance.now() + CLOSING_MS;
  for (;;) {
    // Rejections that nobody handles are told of between two turns.
    await turn();
    const left = without(process.getActiveResourcesInfo(), before);
    if (left.length === 0 || performance.now() > until) return { isClean: left.length === 0, left };
    await wait(LOOK_EVERY_MS);
  }
}

function without(now: readonly string[], before: readonly string[]): string[] {
  const rest = [...now];
  for (const kind of before) {
    const index = rest.indexOf(kind);
    if (index !== -1) rest.splice(index, 1);
  }
  return rest;
}

/** Behind all that the run has printed, so that the worker knows when it has it all. */
async function printMark(mark: string): Promise<boolean> {
  const written = [WRITE.stdout, WRITE.stderr].map(
    (write) => new Promise<boolean>((resolve) => write(mark, (error) => resolve(!error))),
  );
  return (await Promise.all(written)).every(Boolean);
}
