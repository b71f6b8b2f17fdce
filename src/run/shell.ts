/**
 * Which program reads a script, as in GitHub Actions.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
 */
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

export interface CommandLine {
  file: string;
  args: string[];
}

/** The words that stand for a whole command line. */
const SHELLS: Record<string, string> = {
  bash: "bash --noprofile --norc -eo pipefail {0}",
  sh: "sh -e {0}",
  python: "python {0}",
  pwsh: "pwsh -command . '{0}'",
};

const ENDINGS: Record<string, string> = { bash: ".sh", sh: ".sh", python: ".py", pwsh: ".ps1" };

/** The ending of the script's file, which some programs insist on. */
export function scriptEnding(shell: string | undefined): string {
  return shell === undefined ? ".sh" : (ENDINGS[shell] ?? "");
}

/**
 * The command that runs a script. Without a shell that is `bash -e`, or `sh -e` where there is no bash; `python` is
 * `python3` where only that exists.
 *
 * @param shell a word such as `bash`, or a command line with `{0}` for the script's file.
 * @param path the `PATH` to look in.
 */
export function commandLine(shell: string | undefined, script: string, path: string): CommandLine {
  const template = shell === undefined ? "bash -e {0}" : (SHELLS[shell] ?? withScript(shell));
  const [file = "", ...args] = words(template).map((word) => word.replaceAll("{0}", () => script));
  return { file: present(file, path), args };
}

function withScript(template: string): string {
  return template.includes("{0}") ? template : `${template} {0}`;
}

function present(file: string, path: string): string {
  const substitute: Record<string, string> = { bash: "sh", python: "python3" };
  const other = substitute[file];
  return other !== undefined && !isFound(file, path) && isFound(other, path) ? other : file;
}

function isFound(file: string, path: string): boolean {
  const candidates = isAbsolute(file) ? [file] : path.split(delimiter).map((folder) => join(folder, file));
  return candidates.some((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Words are separated by blanks; quotes hold one together and are not part of it, unless they stand inside it. */
function words(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'(?=\s|$)|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}
