/**
 * Executables in the hooks folder that are named as python-github-webhooks names them become {@link Hook}s. What they are
 * for is the business of `match/executable.ts`.
 */
import { accessSync, closeSync, constants, existsSync, openSync, readSync } from "node:fs";
import { didYouMean } from "../lib/suggest.ts";
import { EVENT_NAMES, webhookOf } from "../match/events.ts";
import { FOR_ALL } from "../match/executable.ts";
import type { Hook } from "../match/hook.ts";
import type { HookReader } from "./hook-folder.ts";
import { whyNotTrusted } from "./link-target.ts";
import { type Problem, problem } from "./problem.ts";
import type { Checked } from "./yaml-file.ts";

const TIMEOUT_MS = 60 * 60_000;

/** Other triggers of Actions come under the name of the event that stands behind them. */
const EVENTS = EVENT_NAMES.filter((name) => webhookOf(name) === name);

/** Kernels read no more than this of a first line. */
const HEAD_BYTES = 256;

/**
 * Files without an ending of another kind whose name is one that a delivery can have. Whether they may be executed is
 * asked when they are read, so that one that lost its permission can be told of.
 */
export const executableHooks: HookReader = {
  takes: isName,
  nameOf: (path) => path,
  read: readExecutable,
};

/**
 * `{event}`, `{event}-{repository}` or `{event}-{repository}-{branch}`, where only a branch has slashes. What neither a
 * repository nor a branch can have is what editors and package managers leave behind: `push-site~`.
 */
function isName(path: string): boolean {
  const [first = "", ...below] = path.split("/");
  const [event = "", repository, ...branch] = first.split("-");
  if (!/^[a-z0-9_]{1,64}$/.test(event) || repository === "") return false;
  return !/[\s~^:?*[\\]/.test(path) && (below.length === 0 || branch.length > 0);
}

function readExecutable(name: string, file: string): Checked<Hook> {
  if (!mayExecute(file)) return { problems: looksLikeScript(name, file) ? [withoutPermission(file)] : [] };
  const folder = file.slice(0, -name.length - 1);
  const event = name.split("-")[0] ?? "";
  const reason = whyNotStartable(file, folder);
  return {
    value: {
      name,
      file,
      on: [{ event: name === FOR_ALL ? "*" : event }],
      work: { kind: "executable", path: file, folder, timeoutMs: TIMEOUT_MS },
    },
    problems: [
      ...(reason === undefined ? [] : [problem(file, `its runs fail: ${reason}`)]),
      ...(name === FOR_ALL || EVENTS.includes(event) ? [] : [withoutEvent(file, event)]),
    ],
  };
}

/** GitHub adds events, so this is only a warning, as it is in a hook file. */
function withoutEvent(file: string, event: string): Problem {
  const isTrigger = EVENT_NAMES.includes(event);
  const webhook = isTrigger && webhookOf(event);
  const why = isTrigger
    ? `no webhook has the event \`${event}\`${webhook ? `, it comes as \`${webhook}\`` : ""}, so it never runs`
    : `GitHub has no event \`${event}\` that this version knows, so perhaps it never runs`;
  const advice = "a name that begins with `_` says that it is no hook.";
  return problem(file, `${why}; ${advice}${isTrigger ? "" : didYouMean(event, EVENTS)}`, "warning");
}

function withoutPermission(file: string): Problem {
  return problem(
    file,
    "looks like a script and has no execute permission, so it is no hook: `chmod +x` makes it one; a name that begins with `_` says that it is none",
    "warning",
  );
}

/**
 * Why an executable cannot be started, in a sentence for a person: the system's own answers name neither the first line
 * nor the interpreter. Asked when it is loaded and before each attempt, because nothing keeps a copy of it.
 *
 * @param folder the hooks folder.
 */
export function whyNotStartable(path: string, folder: string): string | undefined {
  if (!existsSync(path)) return `${path} is not there`;
  if (!mayExecute(path)) return `${path} may not be executed by the server's account: \`chmod +x\``;
  return whyNotTrusted(path, folder) ?? whyNoInterpreter(path);
}

function whyNoInterpreter(path: string): string | undefined {
  const head = readHead(path);
  // One that may be executed and not read is no script; and what is no text the system knows better than we.
  if (head === undefined || head.includes(0)) return;
  const text = head.toString("latin1");
  if (text.startsWith("\u00EF\u00BB\u00BF#!"))
    return `${path} begins with a byte order mark, so its first line is not seen: save it as UTF-8 without one`;
  if (!text.startsWith("#!"))
    return `${path} has no first line that says what reads it: begin it with \`#!/bin/sh\` or the like`;
  const [line = ""] = text.slice(2).split("\n");
  if (line.endsWith("\r"))
    return `the first line of ${path} ends as lines do on Windows: save it with \`\\n\` at the end of its lines`;
  const [interpreter = ""] = line.trim().split(/[ \t]/);
  if (interpreter.startsWith("/") && !existsSync(interpreter))
    return `the first line of ${path} names ${interpreter}, which is not there`;
  return;
}

function looksLikeScript(name: string, file: string): boolean {
  return name === FOR_ALL || readHead(file)?.toString("latin1", 0, 2) === "#!";
}

function mayExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function readHead(path: string): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
