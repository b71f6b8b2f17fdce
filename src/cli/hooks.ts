/** `longshore hooks`: what is in the hooks folder, as it would be loaded now. */
import type { Command } from "commander";
import { hookContext } from "../config/hook-context.ts";
import { HookFolder } from "../config/hook-folder.ts";
import { formatProblem, showPath } from "../config/problem.ts";
import type { Hook, Trigger } from "../match/hook.ts";
import { type GlobalOptions, settingsOf } from "./context.ts";
import { print, printJson, printTable } from "./print.ts";

export function addHooks(program: Command): void {
  const hooks = program.command("hooks").description("the hooks");
  hooks
    .command("list")
    .description("every hook, what it is for, and what is wrong")
    .action((_, command: Command) => list(command.optsWithGlobals()));
}

async function list(options: GlobalOptions): Promise<void> {
  const { settings } = settingsOf(options);
  const folder = new HookFolder(settings.hooksFolder, hookContext(settings));
  await folder.load();
  const { hooks, problems, path } = folder;
  if (options.json)
    return printJson({
      items: hooks.map(({ name, file, on, source, repositories, forks }) => ({
        name,
        file,
        on,
        source,
        repositories,
        forks,
      })),
      next: null,
      problems,
    });
  if (hooks.length === 0) print(`No hooks in ${showPath(path)}. \`longshore init\` writes a first one.`);
  else
    printTable(
      ["HOOK", "ON", "FILE"],
      hooks.map((hook) => [hook.name, describe(hook), showPath(hook.file)]),
    );
  if (problems.length > 0) print(`\n${problems.map(formatProblem).join("\n")}`);
}

/** `push (branches: main), release; repositories: acme/site`. */
function describe({ on, source, repositories, forks }: Hook): string {
  return [on.map(describeTrigger).join(", "), ...settingsIn({ source, repositories, forks })].join("; ");
}

function describeTrigger({ event, ...filters }: Trigger): string {
  const settings = settingsIn(filters);
  return settings.length > 0 ? `${event} (${settings.join("; ")})` : event;
}

function settingsIn(object: object): string[] {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${Array.isArray(value) ? value.join(" ") : value}`);
}
