/** A claimed run becomes an outcome: {@link perform} tells the story. That a script fails is an outcome, not an error. */
import { statSync } from "node:fs";
import { whyNotStartable } from "../config/executable-hook.ts";
import { formatDuration } from "../lib/quantity.ts";
import { type ContentType, jsonText, parsePayload } from "../match/body.ts";
import type { Handler, Hook, Work } from "../match/hook.ts";
import { asTriggered } from "../match/match.ts";
import { type Facts, readFacts } from "../match/payload.ts";
import { type Delivery, findDelivery, readContents } from "../store/deliveries.ts";
import type { HeaderList } from "../store/packing.ts";
import { type ClaimedRun, lastSuccessSha, type Outcome } from "../store/run-queue.ts";
import type { Database } from "../store/store.ts";
import { runEnvironment, serverPath } from "./environment.ts";
import { createRunFolder, type RunFolder, removeRunFolder } from "./folder.ts";
import { HandlerCall } from "./handler-call.ts";
import type { HandlerPool } from "./handler-pool.ts";
import type { Recorder } from "./recorder.ts";
import { commandLine, scriptEnding } from "./shell.ts";
import { type Exit, type Spawner, SpawnFailure } from "./spawner.ts";

export interface PerformParts {
  db: Database;
  spawner: Spawner;
  handlers: HandlerPool;
  recorder: Recorder;
  githubApiUrl: string;
  /** Names of variables that every run is given from the server's environment. */
  inheritEnv: readonly string[];
  /** Aborted when the run is to end early: its reason says why. */
  signal: AbortSignal;
}

/** From a polite end to a forced one. */
const TERM_TO_KILL_MS = 10_000;

export async function perform(run: ClaimedRun, hook: Hook, parts: PerformParts): Promise<Outcome> {
  const subject = await loadSubject(parts.db, run);
  const { work } = hook;
  const { delivery, facts } = subjectAs(subject, hook);
  const obstacle = whyNotPerformable(work);
  if (obstacle) return failed(obstacle);
  const folder = createRunFolder(process.pid, scriptFile(work), subject.event);
  try {
    const environment = runEnvironment({
      run: run.id,
      attempt: run.attempt,
      delivery,
      facts,
      hook: { name: hook.name, ...variablesOf(work, parts.inheritEnv) },
      folder,
      githubApiUrl: parts.githubApiUrl,
      lastSuccessSha: await lastSuccessSha(parts.db, hook.name, subject.delivery),
    });
    if ("problem" in environment) return failed(environment.problem);
    const { variables } = environment;
    return work.kind === "handler"
      ? await runHandler(hook, work, delivery, folder, variables, parts)
      : await runProgram(run, work, subject.delivery.event, folder, variables, parts);
  } finally {
    const problem = removeRunFolder(folder.path);
    if (problem !== undefined) parts.recorder.note(`its folder could not be removed: ${problem}`);
    parts.spawner.forget(run.id);
  }
}

interface Subject {
  delivery: Delivery;
  facts: Facts;
  /** The payload as JSON, byte for byte where the delivery was JSON. */
  event: Buffer;
}

async function loadSubject(db: Database, run: ClaimedRun): Promise<Subject> {
  const delivery = await findDelivery(db, run.deliveryId);
  const contents = await readContents(db, run.deliveryId);
  if (!delivery || !contents) throw new Error(`delivery ${run.deliveryId} of run ${run.id} is gone`);
  const event = jsonText(contentTypeOf(contents.headers), contents.body);
  return { delivery, facts: readFacts(delivery.event, parsePayload(event)), event };
}

/** What the hook is told: the event and the commit are those of the trigger that it has asked for. */
function subjectAs(subject: Subject, hook: Hook): Pick<Subject, "delivery" | "facts"> {
  const { event, facts } = asTriggered(subject.delivery, subject.facts, hook);
  return { delivery: { ...subject.delivery, event, ref: facts.ref, sha: facts.sha }, facts };
}

/** What is a process of its own, begun anew for each run. */
type Program = Exclude<Work, Handler>;

/** No shell between us and an executable; its arguments are those that python-github-webhooks gives. */
function callOf(
  work: Program,
  event: string,
  folder: RunFolder,
  path: string,
): { file: string; args: readonly string[]; cwd: string } {
  if (work.kind === "executable") return { file: work.path, args: [folder.event, event], cwd: folder.work };
  return { ...commandLine(work.shell, folder.script, path), cwd: work.workingDirectory ?? folder.work };
}

function scriptFile(work: Work): { text: string; ending: string } | undefined {
  return work.kind === "script" ? { text: work.script, ending: scriptEnding(work.shell) } : undefined;
}

function variablesOf(work: Work, everywhere: readonly string[]) {
  if (work.kind === "executable") return { env: {}, inheritEnv: everywhere };
  return { env: work.env, inheritEnv: [...everywhere, ...(work.inheritEnv ?? [])] };
}

async function runProgram(
  run: ClaimedRun,
  work: Program,
  event: string,
  folder: RunFolder,
  env: Record<string, string>,
  parts: PerformParts,
): Promise<Outcome> {
  const { spawner, recorder } = parts;
  const call = callOf(work, event, folder, env.PATH ?? serverPath());
  const start = { id: run.id, ...call, env, folder: folder.path };
  const end = async () =>
    outcomeOf(await spawner.run(start, (stream, bytes) => recorder.add(stream, bytes, Date.now())));
  return withinLimits(work, parts, (name) => spawner.signal(run.id, name), end);
}

async function runHandler(
  { file }: Hook,
  work: Handler,
  delivery: Delivery,
  folder: RunFolder,
  env: Record<string, string>,
  parts: PerformParts,
): Promise<Outcome> {
  if (parts.signal.aborted) return failed(String(parts.signal.reason));
  const call = new HandlerCall(parts.handlers, file, work.code);
  const end = () => call.perform(delivery, folder, env, parts.recorder);
  return withinLimits(work, parts, (name) => call.signal(name), end);
}

/** Performs within the hook's time, and only for as long as the worker wants it. */
async function withinLimits(
  { timeoutMs }: Pick<Work, "timeoutMs">,
  { signal }: PerformParts,
  send: (name: NodeJS.Signals) => void,
  end: () => Promise<Outcome>,
): Promise<Outcome> {
  if (signal.aborted) return failed(String(signal.reason));
  const limit = AbortSignal.timeout(timeoutMs);
  const stop = stopOn(AbortSignal.any([signal, limit]), send);
  try {
    const outcome = await end();
    if (limit.aborted) return failed(`timed out after ${formatDuration(timeoutMs)}`, outcome);
    if (signal.aborted) return failed(String(signal.reason), outcome);
    return outcome;
  } catch (error) {
    if (!(error instanceof SpawnFailure)) throw error;
    return failed(error.message);
  } finally {
    stop();
  }
}

/** TERM to the script and its children when the signal is aborted, KILL a while later. Returns how to call it off. */
function stopOn(signal: AbortSignal, send: (name: NodeJS.Signals) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const terminate = () => {
    send("SIGTERM");
    timer = setTimeout(() => send("SIGKILL"), TERM_TO_KILL_MS);
  };
  if (signal.aborted) terminate();
  else signal.addEventListener("abort", terminate, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", terminate);
  };
}

function outcomeOf({ exitCode, signal }: Exit): Outcome {
  if (exitCode === 0) return { status: "succeeded", exitCode, signal, reason: null };
  return { status: "failed", exitCode, signal, reason: signal === null ? null : `ended by ${signal}` };
}

function failed(reason: string, { exitCode, signal }: Exit = { exitCode: null, signal: null }): Outcome {
  return { status: "failed", exitCode, signal, reason };
}

function whyNotPerformable(work: Work): string | undefined {
  if (work.kind === "executable") return whyNotStartable(work.path, work.folder);
  if (work.kind === "handler") return undefined;
  return work.workingDirectory && missingFolder(work.workingDirectory);
}

function missingFolder(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory()
    ? undefined
    : `working-directory ${path} is ${found ? "no folder" : "not there"}`;
}

function contentTypeOf(headers: HeaderList): ContentType {
  const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
  return type.toLowerCase().startsWith("application/x-www-form-urlencoded") ? "form" : "json";
}
