/** A claimed run becomes an outcome: {@link perform} tells the story. That a script fails is an outcome, not an error. */
import { statSync } from "node:fs";
import { formatDuration } from "../lib/quantity.ts";
import { type ContentType, jsonText, parsePayload } from "../match/body.ts";
import type { Hook, Script } from "../match/hook.ts";
import { asTriggered } from "../match/match.ts";
import { type Facts, readFacts } from "../match/payload.ts";
import { type Delivery, findDelivery, readContents } from "../store/deliveries.ts";
import type { HeaderList } from "../store/packing.ts";
import { type ClaimedRun, lastSuccessSha, type Outcome } from "../store/run-queue.ts";
import type { Database } from "../store/store.ts";
import { runEnvironment, serverPath } from "./environment.ts";
import { createRunFolder, type RunFolder, removeRunFolder } from "./folder.ts";
import type { Recorder } from "./recorder.ts";
import { commandLine, scriptEnding } from "./shell.ts";
import { type Exit, type Spawner, SpawnFailure } from "./spawner.ts";

export interface PerformParts {
  db: Database;
  spawner: Spawner;
  recorder: Recorder;
  githubApiUrl: string;
  /** Aborted when the run is to end early: its reason says why. */
  signal: AbortSignal;
}

/** From a polite end to a forced one. */
const TERM_TO_KILL_MS = 10_000;

export async function perform(run: ClaimedRun, hook: Hook, parts: PerformParts): Promise<Outcome> {
  const subject = await loadSubject(parts.db, run);
  const { work } = hook;
  const missing = work.workingDirectory && missingFolder(work.workingDirectory);
  if (missing) return failed(missing);
  const folder = createRunFolder(
    process.pid,
    { text: work.script, ending: scriptEnding(work.shell) },
    subject.event,
  );
  try {
    const environment = runEnvironment({
      run: run.id,
      attempt: run.attempt,
      ...subjectAs(subject, hook),
      hook: { name: hook.name, env: work.env },
      folder,
      githubApiUrl: parts.githubApiUrl,
      lastSuccessSha: await lastSuccessSha(parts.db, hook.name, subject.delivery),
    });
    if ("problem" in environment) return failed(environment.problem);
    return await runScript(run, work, folder, environment.variables, parts);
  } finally {
    const problem = removeRunFolder(folder.path);
    if (problem !== undefined)
      parts.recorder.add(
        "longshore",
        Buffer.from(`\n[its folder could not be removed: ${problem}]\n`),
        Date.now(),
      );
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

/** What the script is told: the event and the commit are those of the trigger that the hook has asked for. */
function subjectAs({ delivery, facts }: Subject, hook: Hook): Pick<Subject, "delivery" | "facts"> {
  const triggered = asTriggered(delivery, facts, hook);
  return { delivery: { ...delivery, event: triggered.event }, facts: triggered.facts };
}

async function runScript(
  run: ClaimedRun,
  work: Script,
  folder: RunFolder,
  env: Record<string, string>,
  { spawner, recorder, signal }: PerformParts,
): Promise<Outcome> {
  if (signal.aborted) return failed(String(signal.reason));
  const { file, args } = commandLine(work.shell, folder.script, env.PATH ?? serverPath());
  const cwd = work.workingDirectory ?? folder.work;
  const start = { run: run.id, file, args, cwd, env, folder: folder.path };
  const limit = AbortSignal.timeout(work.timeoutMs);
  const stop = stopOn(AbortSignal.any([signal, limit]), (name) => spawner.signal(run.id, name));
  try {
    const exit = await spawner.run(start, (stream, bytes) => recorder.add(stream, bytes, Date.now()));
    if (limit.aborted) return failed(`timed out after ${formatDuration(work.timeoutMs)}`, exit);
    if (signal.aborted) return failed(String(signal.reason), exit);
    return outcomeOf(exit);
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
