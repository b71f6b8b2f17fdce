/**
 * The environment of a run: Actions' own names for what the event says, ours, a few of the system's, and what the hook
 * adds. Nothing else of the server's environment, and nothing that a sender could name.
 * https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
import { type Facts, shortRef } from "../match/payload.ts";
import type { RunFolder } from "./folder.ts";

export interface RunContext {
  run: number;
  attempt: number;
  delivery: { id: number; guid: string; event: string };
  facts: Facts;
  /** `inheritEnv` names variables of the server's that are handed on. */
  hook: { name: string; env: Readonly<Record<string, string>>; inheritEnv?: readonly string[] };
  folder: RunFolder;
  /** Such as `https://api.github.com`. */
  githubApiUrl: string;
  /** The last commit that this hook ran to success for, on the same repository and ref. */
  lastSuccessSha: string | null;
  /** How the hook's own work has ended, where this is what comes after it. */
  ended?: { status: string; exitCode: number | null };
}

/** What Linux takes for one variable (MAX_ARG_STRLEN, 32 pages), its name and the closing zero included. */
const MAX_VARIABLE_BYTES = 128 * 1024;
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The variables, or why there can be none: a sentence for the run's reason. */
export function runEnvironment(
  context: RunContext,
): { variables: Record<string, string> } | { problem: string } {
  const variables = {
    ...systemVariables(context.folder.account),
    ...inheritedVariables(context),
    TMPDIR: context.folder.temporary,
    ...context.hook.env,
    ...githubVariables(context),
    ...ours(context),
  };
  for (const [name, value] of Object.entries(variables)) {
    if (value.includes("\0")) return { problem: `the value of ${name} contains a NUL` };
    if (Buffer.byteLength(value) + name.length + 2 > MAX_VARIABLE_BYTES) {
      return {
        problem: `the value of ${name} is larger than 128 KiB; read it from the file $GITHUB_EVENT_PATH`,
      };
    }
  }
  return { variables };
}

export function serverPath(): string {
  return process.env.PATH || DEFAULT_PATH;
}

/** What every process of ours is given, whatever it performs. */
export function systemVariables({ name, home }: { name: string; home: string }): Record<string, string> {
  return {
    PATH: serverPath(),
    HOME: home,
    USER: name,
    LOGNAME: name,
    LANG: process.env.LANG || "C.UTF-8",
    ...(process.env.TZ ? { TZ: process.env.TZ } : {}),
    // A script that git asks for a password would wait until its time is over.
    GIT_TERMINAL_PROMPT: "0",
  };
}

/** One that the server itself does not have is left out. */
function inheritedVariables({ hook }: RunContext): Record<string, string> {
  const pairs = (hook.inheritEnv ?? []).map((name) => [name, process.env[name]]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

/** Makes these variables the whole environment of this process. */
export function becomeEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, variables);
}

function githubVariables({
  run,
  attempt,
  delivery,
  facts,
  folder,
  githubApiUrl,
}: RunContext): Record<string, string> {
  const { ref, sha, repository, sender } = facts;
  return {
    GITHUB_EVENT_NAME: delivery.event,
    GITHUB_EVENT_PATH: folder.event,
    GITHUB_REPOSITORY: repository ?? "",
    GITHUB_REPOSITORY_OWNER: repository?.split("/")[0] ?? "",
    GITHUB_REF: ref ?? "",
    GITHUB_REF_NAME: shortRef(ref) ?? "",
    GITHUB_REF_TYPE: ref === null ? "" : ref.startsWith("refs/tags/") ? "tag" : "branch",
    GITHUB_SHA: sha ?? "",
    GITHUB_ACTOR: sender ?? "",
    GITHUB_HEAD_REF: delivery.event.startsWith("pull_request") ? (facts.headRef ?? "") : "",
    GITHUB_BASE_REF: delivery.event.startsWith("pull_request") ? (facts.baseRef ?? "") : "",
    GITHUB_RUN_ID: String(run),
    GITHUB_RUN_ATTEMPT: String(attempt),
    GITHUB_WORKSPACE: folder.work,
    GITHUB_API_URL: githubApiUrl,
    GITHUB_SERVER_URL: serverUrl(githubApiUrl),
    GITHUB_OUTPUT: folder.files.output,
    GITHUB_ENV: folder.files.env,
    GITHUB_PATH: folder.files.path,
    GITHUB_STEP_SUMMARY: folder.files.summary,
  };
}

function ours(context: RunContext): Record<string, string> {
  const { run, attempt, delivery, hook, facts, lastSuccessSha, ended } = context;
  return {
    LONGSHORE_HOOK: hook.name,
    LONGSHORE_RUN: String(run),
    LONGSHORE_ATTEMPT: String(attempt),
    LONGSHORE_DELIVERY: String(delivery.id),
    LONGSHORE_GUID: delivery.guid,
    LONGSHORE_ACTION: facts.action ?? "",
    LONGSHORE_LAST_SUCCESS_SHA: lastSuccessSha ?? "",
    ...(ended && {
      LONGSHORE_STATUS: ended.status,
      LONGSHORE_EXIT_CODE: String(ended.exitCode ?? ""),
    }),
  };
}

/** `https://github.com` of `https://api.github.com`, and the like on GHE.com and Enterprise Server. */
export function serverUrl(apiUrl: string): string {
  return apiUrl.replace(/^(https?:\/\/)api\./, "$1").replace(/\/api\/v3$/, "");
}
