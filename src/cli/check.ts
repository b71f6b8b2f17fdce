/** `longshore check`: all mistakes in the settings and the hooks, without starting anything. */
import type { Command } from "commander";
import { formatProblem, hasErrors, type Problem, showPath, UserError } from "../config/problem.ts";
import { checkSecrets } from "../config/secrets.ts";
import { checkSettings } from "../config/settings.ts";
import { accountProblems } from "../run/account-problems.ts";
import { CommandFailed } from "./command-failed.ts";
import { type GlobalOptions, readHooks } from "./context.ts";
import { willMakeSecrets } from "./first-files.ts";
import { print, printJson } from "./print.ts";

export function addCheck(program: Command): void {
  program
    .command("check")
    .description("find the mistakes in the settings and the hooks (exit code 2 when there are errors)")
    .action((_, command: Command) => check(command.optsWithGlobals()));
}

async function check(options: GlobalOptions): Promise<void> {
  const { problems, checked } = await findProblems(options);
  const ok = !hasErrors(problems);
  if (options.json) printJson({ ok, problems });
  else
    print(
      [...problems.map(formatProblem), ok ? `${checked}: no errors.` : `${checked}: there are errors.`].join(
        "\n",
      ),
    );
  if (!ok) throw new CommandFailed(2);
}

async function findProblems(options: GlobalOptions): Promise<{ problems: Problem[]; checked: string }> {
  const { value, problems } = checkSettings(process.env, options.config);
  if (!value) return { problems: [...problems], checked: "settings" };
  const { settings, environment } = value;
  const folder = await readHooks(value);
  const { hooks } = folder;
  const accounts = { hooks, runsUser: settings.runsUser, settingsFile: settings.file };
  const all = [...problems, ...folder.problems, ...(await accountProblems(accounts, false))];
  try {
    all.push(...checkSecrets(settings, environment).warnings);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const areMade = willMakeSecrets(settings, environment);
    all.push(...error.problems.map((found) => asWarning(found, areMade)));
  }
  const from = settings.file ? showPath(settings.file) : "default settings";
  return {
    problems: all,
    checked: `${from}, ${hooks.length} ${hooks.length === 1 ? "hook" : "hooks"} in ${showPath(folder.path)}`,
  };
}

/** Secrets are often only where the server runs, so that here one that is missing is no error, whatever `serve` says. */
function asWarning(found: Problem, areMade: boolean): Problem {
  if (found.severity === "warning") return found;
  const then = areMade ? "`serve` makes one when it first starts" : "`serve` will not start without it here";
  return { ...found, severity: "warning", message: `${found.message}; ${then}` };
}
