/** What is a process of its own, begun anew for each run: a hook file's script, or an executable. */
import { statSync } from "node:fs";
import { whyNotStartable } from "../config/executable-hook.ts";
import type { Executable, Script, Work } from "../match/hook.ts";
import type { Outcome } from "../store/run-queue.ts";
import { whyNotEntered } from "./entering.ts";
import { serverPath } from "./environment.ts";
import type { RunFolder } from "./folder.ts";
import { LastWords } from "./last-words.ts";
import type { Output } from "./masked-output.ts";
import { failed, outcomeOf } from "./outcome.ts";
import { commandLine, scriptEnding } from "./shell.ts";
import type { Spawner } from "./spawner.ts";

type Program = Script | Executable;

/**
 * @param event the event, as the program is told it.
 * @throws {SpawnFailure} when it cannot be started.
 */
export async function runProgram(
  id: number,
  work: Program,
  event: string,
  folder: RunFolder,
  env: Record<string, string>,
  spawner: Spawner,
  output: Output,
): Promise<Outcome> {
  const command = commandOf(work, event, folder, env.PATH ?? serverPath());
  const { through, name } = folder.account;
  const words = new LastWords();
  const exit = await spawner.run({ id, ...command, env, folder: folder.path, through }, (stream, bytes) => {
    words.add(bytes);
    output.add(stream, bytes, Date.now());
  });
  const obstacle = through && whyNotEntered(exit, words.text);
  if (obstacle !== undefined) return failed(notStarted(name, obstacle), exit);
  return outcomeOf(exit);
}

/** The sentence for a run that could not begin under its account. */
export function notStarted(account: string, obstacle: string): string {
  return `it could not be started under the account ${account}: ${obstacle}`;
}

/** The script to be written into the run's folder, if there is one. */
export function scriptFile(work: Work): { text: string; ending: string } | undefined {
  return work.kind === "script" ? { text: work.script, ending: scriptEnding(work.shell) } : undefined;
}

/** Why it cannot be run, in a sentence for a person. */
export function whyNotRunnable(work: Program): string | undefined {
  if (work.kind === "executable") return whyNotStartable(work.path, work.folder);
  return work.workingDirectory && missingFolder(work.workingDirectory);
}

/** No shell between us and an executable; its arguments are those that python-github-webhooks gives. */
function commandOf(
  work: Program,
  event: string,
  folder: RunFolder,
  path: string,
): { file: string; args: readonly string[]; cwd: string } {
  if (work.kind === "executable") return { file: work.path, args: [folder.event, event], cwd: folder.work };
  return { ...commandLine(work.shell, folder.script, path), cwd: work.workingDirectory ?? folder.work };
}

function missingFolder(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory()
    ? undefined
    : `working-directory ${path} is ${found ? "no folder" : "not there"}`;
}
