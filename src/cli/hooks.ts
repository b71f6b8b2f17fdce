/** `longshore hooks`: what is in the hooks folder, as it would be loaded now, and switching single hooks off and on. */
import type { Command } from "commander";
import { hookNamed } from "../config/hook-named.ts";
import { formatProblem, showPath } from "../config/problem.ts";
import { FOR_ALL } from "../match/executable.ts";
import type { Hook, Trigger } from "../match/hook.ts";
import { disableHook, enableHook, listDisabledHooks } from "../store/disabled-hooks.ts";
import { countQueuedRuns } from "../store/runs.ts";
import { asTyped } from "./as-typed.ts";
import { type GlobalOptions, settingsOf, withStore } from "./context.ts";
import { print, printJson, printTable } from "./print.ts";
import { loadTodaysHooks } from "./todays-hooks.ts";

export function addHooks(program: Command): void {
  const hooks = program.command("hooks").description("the hooks");
  hooks
    .command("list")
    .description("every hook, what it is for, and what is wrong")
    .action((_, command: Command) => list(command.optsWithGlobals()));
  hooks
    .command("disable")
    .description("let a hook match nothing and run nothing, until it is enabled again")
    .argument("<name>", "the name that `hooks list` shows")
    .action((name: string, _, command: Command) => disable(name, command.optsWithGlobals()));
  hooks
    .command("enable")
    .description("end that; runs that have waited for it start")
    .argument("<name>", "the name that `hooks list` shows")
    .action((name: string, _, command: Command) => enable(name, command.optsWithGlobals()));
}

async function list(options: GlobalOptions): Promise<void> {
  const { hooks, problems, path } = await loadTodaysHooks(settingsOf(options));
  if (options.json)
    return printJson({
      items: hooks.map(({ name, file, on, source, repositories, forks, disabled = false, work }) => ({
        name,
        kind: work.kind,
        file,
        on,
        source,
        repositories,
        forks,
        disabled,
      })),
      next: null,
      problems,
    });
  if (hooks.length === 0) print(`No hooks in ${showPath(path)}. \`longshore init\` writes a first one.`);
  else
    printTable(
      ["HOOK", "ON", "FILE"],
      hooks.map((hook) => [
        hook.disabled ? `${hook.name} (disabled)` : hook.name,
        describe(hook),
        showPath(hook.file),
      ]),
    );
  if (problems.length > 0) print(`\n${problems.map(formatProblem).join("\n")}`);
}

async function disable(name: string, options: GlobalOptions): Promise<void> {
  await withStore(options, async ({ db }, loaded) => {
    hookNamed(await loadTodaysHooks(loaded, db), name);
    const changed = await disableHook(db, name, Date.now());
    const waiting = await countQueuedRuns(db, name);
    if (options.json) return printJson({ hook: name, disabled: true, changed, queuedRuns: waiting });
    print(
      changed
        ? `${name} is disabled: it matches nothing any more. A running server knows it within a second.`
        : `${name} was disabled already.`,
    );
    if (waiting > 0) print(`Queued runs that wait until it is enabled again: ${waiting}.`);
    print(`The way back: ${asTyped(`hooks enable ${name}`)}`);
  });
}

async function enable(name: string, options: GlobalOptions): Promise<void> {
  await withStore(options, async ({ db }, loaded) => {
    // A hook whose file is gone may be enabled, too: its file may come back.
    if (!(await listDisabledHooks(db)).includes(name)) hookNamed(await loadTodaysHooks(loaded, db), name);
    const changed = await enableHook(db, name);
    const waiting = await countQueuedRuns(db, name);
    if (options.json) return printJson({ hook: name, disabled: false, changed, queuedRuns: waiting });
    print(
      changed
        ? `${name} is enabled. A running server knows it within a second.`
        : `${name} was not disabled.`,
    );
    if (changed && waiting > 0) print(`Queued runs that start now: ${waiting}.`);
  });
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
