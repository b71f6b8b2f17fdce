/** A claimed run becomes an outcome: {@link perform} tells the story. That a script fails is an outcome, not an error. */
import type { HookSecrets } from "../config/hook-secrets.ts";
import { startSpan } from "../lib/tracing.ts";
import { contentTypeOf, jsonText, parsePayload } from "../match/body.ts";
import type { Subject } from "../match/contexts.ts";
import type { Forward, Hook, Listener, Work } from "../match/hook.ts";
import { asTriggered, isForeign } from "../match/match.ts";
import { readFacts } from "../match/payload.ts";
import { type Delivery, findDelivery, readContents } from "../store/deliveries.ts";
import { lastSuccess } from "../store/last-successes.ts";
import type { HeaderList } from "../store/packing.ts";
import type { ClaimedRun, Outcome } from "../store/run-queue.ts";
import { findRun, type Run } from "../store/runs.ts";
import type { Database } from "../store/store.ts";
import { accountOf, becomeAccount } from "./account.ts";
import { runEnvironment, serverUrl } from "./environment.ts";
import { fillTexts } from "./fill-texts.ts";
import { createRunFolder, type RunFolder } from "./folder.ts";
import type { FolderRemover } from "./folder-remover.ts";
import type { Forwarding } from "./forward/forward.ts";
import { HandlerCall } from "./handlers/call.ts";
import type { HandlerPool } from "./handlers/pool.ts";
import type { AttemptHighlights } from "./highlights.ts";
import { hookEnvironment } from "./hook-environment.ts";
import { MaskedOutput, type Output } from "./masked-output.ts";
import { Masker } from "./masker.ts";
import { notificationOf } from "./notification.ts";
import { failed, interrupted, stopped } from "./outcome.ts";
import { runProgram, scriptFile, whyNotRunnable } from "./program.ts";
import { type Spawner, SpawnerGone } from "./spawner.ts";
import { readSummary } from "./summary.ts";
import { type Limits, withinLimits } from "./within-limits.ts";

/** What is performed now, for whom its attempt keeps what comes of it. */
export interface Stage {
  recorder: Output;
  /** Is given what the run points out. */
  highlights: AttemptHighlights;
  /** Aborted when the run is to end early: its reason says why. */
  signal: AbortSignal;
  /** How the hook's own work has ended, where this is what comes after it. */
  ended?: Outcome | undefined;
}

export interface PerformParts extends Stage {
  db: Database;
  spawner: Spawner;
  handlers: HandlerPool;
  folders: FolderRemover;
  /** What hooks may name in `env`. */
  secrets: HookSecrets;
  githubApiUrl: string;
  /** Names of variables that every run is given from the server's environment. */
  inheritEnv: readonly string[];
  /** The account that runs are performed under unless their hook names one; absent: the server's own. */
  runsUser?: string | undefined;
  forwarding: Forwarding;
}

export async function perform(run: ClaimedRun, hook: Hook, parts: PerformParts): Promise<Outcome> {
  const subject = await loadSubject(parts.db, run, hook);
  const { source, webhookId, guid } = subject.delivery;
  const span = startSpan("run", [source, webhookId ?? 0, guid]);
  try {
    const outcome = await performSubject(run, hook, subject, parts);
    if (outcome.status === "failed") span.fail(outcome.reason ?? `exit code ${outcome.exitCode}`);
    return outcome;
  } finally {
    span.end({ "longshore.hook": hook.name, "longshore.run": run.id, "longshore.attempt": run.attempt });
  }
}

async function performSubject(
  run: ClaimedRun,
  hook: Hook,
  subject: RunSubject,
  parts: PerformParts,
): Promise<Outcome> {
  const properties = runProperties(run, parts);
  const { work } = hook;
  if (work.kind === "listener") return failed("it is a function of an app, which only that app can call");
  if (work.kind === "forward") {
    const fill = (texts: Record<string, string>) =>
      fillTexts(texts, hook, subject, properties, parts.secrets);
    // Loaded when it is first needed: what speaks HTTP takes a twentieth of a second, for every worker.
    const { forward } = await import("./forward/forward.ts");
    return forward(run, { ...hook, work }, subject, fill, parts);
  }
  const env = hookEnvironment(hook, subject, properties, parts.secrets);
  if ("problem" in env) return failed(env.problem);
  const masker = new Masker(env.secrets);
  const commands = parts.highlights.commands(masker, (text) => parts.recorder.note(text));
  const recorder = new MaskedOutput(masker, commands, parts.recorder);
  try {
    const working = performMasked(run, { ...hook, work }, subject, env.variables, { ...parts, recorder });
    const outcome = await working.finally(() => recorder.end(Date.now()));
    return { ...outcome, reason: outcome.reason && masker.text(outcome.reason) };
  } catch (error) {
    if (error instanceof SpawnerGone) return interrupted(error.message);
    throw new Error(masker.text(error instanceof Error ? error.message : String(error)));
  } finally {
    parts.highlights.settle(masker);
  }
}

/** A hook that works on this machine. */
type LocalHook = Hook & { work: LocalWork };

type LocalWork = Exclude<Work, Forward | Listener>;

/** All that is given out from here on has its secrets masked. */
async function performMasked(
  run: ClaimedRun,
  hook: LocalHook,
  subject: RunSubject,
  env: Record<string, string>,
  parts: PerformParts,
): Promise<Outcome> {
  const { work } = hook;
  const obstacle = work.kind === "handler" ? undefined : whyNotRunnable(work);
  if (obstacle) return failed(obstacle);
  const account = await becomeAccount(accountOf(hook, parts.runsUser), parts.spawner);
  if ("problem" in account) return failed(account.problem);
  const folder = createRunFolder(process.pid, scriptFile(work), subject.json, account);
  try {
    const environment = runEnvironment({
      run: run.id,
      attempt: run.attempt,
      delivery: subject.told,
      facts: subject.facts,
      hook: { name: hook.name, env, inheritEnv: [...parts.inheritEnv, ...inheritedBy(work)] },
      folder,
      githubApiUrl: parts.githubApiUrl,
      lastSuccessSha: subject.lastSha,
      ended: parts.ended ?? subject.ended,
    });
    if ("problem" in environment) return failed(environment.problem);
    const { variables } = environment;
    // What works with a stranger's code has no token, whoever has named one.
    if (isForeign(subject.event, subject.facts)) delete variables.GITHUB_TOKEN;
    const limits = { timeoutMs: work.timeoutMs, signal: parts.signal };
    return await start(run, hook, subject, { folder, variables }, limits, parts);
  } finally {
    keepSummary(folder, parts);
    const problem = await parts.folders.remove(folder.path);
    if (problem !== undefined) parts.recorder.note(`its folder could not be removed: ${problem}`);
    parts.spawner.forget(run.id);
  }
}

function keepSummary({ files, account }: RunFolder, { highlights, recorder }: PerformParts): void {
  const summary = readSummary(files.summary, account.uid);
  if (!summary) return;
  if ("problem" in summary) return recorder.note(`its summary could not be read: ${summary.problem}`);
  if (summary.isCut) recorder.note("its summary is larger than 1 MiB; only the beginning is kept");
  highlights.summarize(summary);
}

/** Where a run happens, and with which variables. */
interface Place {
  folder: RunFolder;
  variables: Record<string, string>;
}

async function start(
  run: ClaimedRun,
  { work, file }: LocalHook,
  { told }: RunSubject,
  { folder, variables }: Place,
  limits: Limits,
  { spawner, handlers, recorder }: PerformParts,
): Promise<Outcome> {
  if (work.kind !== "handler")
    return await withinLimits(limits, {
      send: (name) => spawner.signal(run.id, name),
      perform: () => runProgram(run.id, work, told.event, folder, variables, spawner, recorder),
    });
  // A process is taken for it, so not when it will not come to that.
  if (limits.signal.aborted) return stopped(limits.signal);
  const call = new HandlerCall(handlers, file, work.code, folder.account);
  return await withinLimits(limits, {
    send: (name) => call.signal(name),
    perform: () => call.perform(told, folder, variables, recorder),
  });
}

interface RunSubject extends Subject {
  /** As it came. */
  delivery: Delivery;
  /** As the hook has asked for it: the event and the commit are those of its trigger. */
  told: Delivery;
  /** Those that were kept, and the body, byte for byte. */
  headers: HeaderList;
  body: Buffer;
  /** The commit that this hook last ran to success for, of the same source, repository and ref. */
  lastSha: string | null;
  /** How the run has ended that this one tells of. */
  ended?: Pick<Run, "status" | "exitCode">;
  /** The payload as JSON, byte for byte where the delivery was JSON. */
  json: Buffer;
}

async function loadSubject(db: Database, run: ClaimedRun, hook: Hook): Promise<RunSubject> {
  const delivery = await findDelivery(db, run.deliveryId);
  const contents = await readContents(db, run.deliveryId);
  if (!delivery || !contents) throw new Error(`delivery ${run.deliveryId} of run ${run.id} is gone`);
  const json = jsonText(contentTypeOf(contents.headers), contents.body);
  const payload = parsePayload(json);
  if (run.about) {
    const about = await findRun(db, run.about.run);
    if (!about) throw new Error(`run ${run.about.run}, which run ${run.id} tells of, is gone`);
    return notificationOf(run, run.about, about, delivery);
  }
  const subject = asTriggered({ ...delivery, payload }, readFacts(delivery.event, payload), hook);
  const { event, facts } = subject;
  const told = { ...delivery, event, ref: facts.ref, sha: facts.sha };
  const last = await lastSuccess(db, hook.name, delivery);
  return { ...subject, ...contents, delivery, told, lastSha: last?.sha ?? null, json };
}

function runProperties(run: ClaimedRun, { githubApiUrl }: PerformParts) {
  return {
    api_url: githubApiUrl,
    run_attempt: String(run.attempt),
    run_id: String(run.id),
    server_url: serverUrl(githubApiUrl),
  };
}

function inheritedBy(work: LocalWork): readonly string[] {
  return (work.kind !== "executable" && work.inheritEnv) || [];
}
