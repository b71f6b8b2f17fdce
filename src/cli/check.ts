/** `longshore check`: all mistakes in the settings and the hooks, without starting anything. */
import type { Command } from "commander";
import { formatProblem, hasErrors, type Problem, showPath, UserError } from "../config/problem.ts";
import { checkSecrets } from "../config/secrets.ts";
import { checkSettings } from "../config/settings.ts";
import { accountProblems } from "../run/account-problems.ts";
import { CommandFailed } from "./command-failed.ts";
import { type GlobalOptions, readHooks } from "./context.ts";
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
    // Before the first start there is no secret yet; that is a matter of `serve`, which makes one.
    all.push(...error.problems.map((found): Problem => ({ ...found, severity: "warning" })));
  }
  const from = settings.file ? showPath(settings.file) : "default settings";
  return { problems: all, checked: `${from}, ${hooks.length} hooks in ${showPath(folder.path)}` };
}
