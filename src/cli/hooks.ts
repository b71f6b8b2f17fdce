/** `longshore hooks`: what is in the hooks folder, as it would be loaded now. */
import type { Command } from "commander";
import { formatProblem, showPath } from "../config/problem.ts";
import { FOR_ALL } from "../match/executable.ts";
import type { Hook, Trigger } from "../match/hook.ts";
import { type GlobalOptions, readHooks, settingsOf } from "./context.ts";
import { print, printJson, printTable } from "./print.ts";

export function addHooks(program: Command): void {
  const hooks = program.command("hooks").description("the hooks");
  hooks
    .command("list")
    .description("every hook, what it is for, and what is wrong")
    .action((_, command: Command) => list(command.optsWithGlobals()));
}

async function list(options: GlobalOptions): Promise<void> {
  const { hooks, problems, path } = await readHooks(settingsOf(options).settings);
  if (options.json)
    return printJson({
      items: hooks.map(({ name, file, on, source, repositories, forks, work }) => ({
        name,
        kind: work.kind,
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
function describe(hook: Hook): string {
  const { on, source, repositories, forks } = hook;
  const events =
    hook.work.kind === "executable" ? describeName(hook.name) : on.map(describeTrigger).join(", ");
  return [events, ...settingsIn({ source, repositories, forks })].join("; ");
}

function describeName(name: string): string {
  if (name === FOR_ALL) return "every event";
  const [event = "", ...rest] = name.split("-");
  return rest.length > 0 ? `${event} (repository, or repository-branch: ${rest.join("-")})` : event;
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
