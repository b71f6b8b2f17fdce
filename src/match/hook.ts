/**
 * A hook as the rest of Longshore sees it: which deliveries, and what to do with them. Plain data, so that it can
 * be handed to another thread and hashed; how it is written down is the business of `config/`.
 */

/** The event in `on` of an executable or a listener that every delivery is for. */
export const EVERY_EVENT = "*";

export interface Hook {
  /** The path of its file below the hooks folder, without the ending, with `/` between folders. */
  name: string;
  /** The path of its file, for messages. */
  file: string;
  /** Of an executable only the event, {@link EVERY_EVENT} for `all`: the rest of its name cannot be told apart. */
  on: readonly Trigger[];
  /** The source whose deliveries it is for; absent: of the only one. */
  source?: string;
  /** Patterns of `owner/name`; absent: all repositories of the source. */
  repositories?: readonly string[];
  /** Whether it also runs for what comes from a fork. */
  forks?: "run";
  /** An expression that has to be true as well. */
  if?: string;
  /** Which of its runs, and of other hooks', are not performed at the same time; absent: none waits for another. */
  concurrency?: Concurrency;
  /** Whether it also runs for a push that is older than one it has run to success for. */
  stale?: "run";
  /** Whether and when a failed attempt is followed by another; absent: as is usual for its work. */
  retry?: Retry;
  /** What becomes of an attempt whose worker is gone; absent: it is made again. */
  interrupted?: "fail";
  /** A script that runs once when a run has failed or was cancelled, for good. */
  onFailure?: string;
  /** The account that its runs are performed under, a name or a number; absent: as the settings say. */
  user?: string;
  /** Those of the settings' `vars` that its expressions name. */
  vars?: Readonly<Record<string, string>>;
  work: Work;
  /** Whether somebody has switched it off: it matches nothing, and what waits for it goes on waiting. */
  disabled?: boolean;
}

/** One name in `on`, with the filters of GitHub Actions that narrow it down, under the names that Actions gives them. */
export interface Trigger {
  /** The event, or another trigger of Actions such as `pull_request_target`. */
  event: string;
  types?: readonly string[];
  branches?: readonly string[];
  "branches-ignore"?: readonly string[];
  tags?: readonly string[];
  "tags-ignore"?: readonly string[];
  paths?: readonly string[];
  "paths-ignore"?: readonly string[];
  workflows?: readonly string[];
  /** Ours: whether pushes that delete a branch or tag are asked for as well. */
  deleted?: boolean;
}

/** As in Actions; `scope` is ours. */
export interface Concurrency {
  /** A text with expressions. */
  group: string;
  scope: "repository" | "server";
  queue: "single" | "max";
  /** Or an expression. */
  cancelInProgress: boolean | string;
}

export interface Retry {
  /** In all. */
  maxAttempts: number;
  /** The longest pause before the second attempt; it doubles with each one after that. */
  backoffMs: number;
  maxBackoffMs: number;
  /** The exit codes that are worth another attempt; absent: every failure is. */
  on?: readonly number[];
}

/** What a hook does with a delivery; `kind` tells the ways apart. */
export type Work = Script | Executable | Handler | Forward | Listener;

/** A script in the hook file, and how it is run. */
export interface Script {
  kind: "script";
  script: string;
  /** As in Actions: `bash`, `sh`, `python`, `pwsh`, or a command line with `{0}`; absent is `bash -e {0}`. */
  shell?: string;
  /** Absent: an empty folder of the run's own. */
  workingDirectory?: string;
  /** Values may have `${{ }}` in them, which is evaluated when an attempt starts. */
  env: Readonly<Record<string, string>>;
  /** Names of variables that are handed on from the server's environment. */
  inheritEnv?: readonly string[];
  timeoutMs: number;
}

/** A program in the hooks folder that is called as python-github-webhooks calls it; its name says what it is for. */
export interface Executable {
  kind: "executable";
  path: string;
  /** The hooks folder: what leads out of it is looked at more closely. */
  folder: string;
  timeoutMs: number;
}

/** Another service that the delivery is sent on to, by POST, as it was received. */
export interface Forward {
  kind: "forward";
  /** With `http:` or `https:`; no user in it, and no fragment. */
  url: string;
  /** More headers. Values may have `${{ }}` in them, which is evaluated when an attempt starts. */
  headers: Readonly<Record<string, string>>;
  /** What it is signed with: `source`, or a text with `${{ }}` in it; absent: it is not signed. */
  secret?: string;
  /** How it is signed. */
  sign: "github" | "standard-webhooks";
  /** How long the other side may take to answer, once it has everything. */
  answerTimeoutMs: number;
  timeoutMs: number;
  /** What follows is for the hook's script on failure: see {@link Script}. */
  shell?: string;
  workingDirectory?: string;
  env: Readonly<Record<string, string>>;
  inheritEnv?: readonly string[];
}

/** A module in the hooks folder that is called in a process of its own. */
export interface Handler {
  kind: "handler";
  code: HandlerCode;
  env: Readonly<Record<string, string>>;
  /** Names of variables that are handed on from the server's environment. */
  inheritEnv?: readonly string[];
  timeoutMs: number;
}

/** A function of an app that Longshore is a part of; only that app can call it. */
export interface Listener {
  kind: "listener";
  timeoutMs: number;
}

/** A handler's file and what it imports, as they were when they were loaded: what is on the disk may be broken by now. */
export interface HandlerCode {
  /** SHA-256 of all that follows, in hexadecimal. */
  version: string;
  modules: readonly HandlerModule[];
}

/** One file of a handler's code; packages below `node_modules` are none. */
export interface HandlerModule {
  url: string;
  /** Node's name for what it is, such as `module-typescript`. */
  format: string;
  source: string;
  /** The URLs of what it imports, by the names that it imports them under. */
  imports: Readonly<Record<string, string>>;
}
