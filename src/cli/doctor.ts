/** `longshore doctor`: what goes wrong in practice, and what to do about each of it. Repairs nothing, prints no secret. */
import { styleText } from "node:util";
import type { Command } from "commander";
import { UserError } from "../config/problem.ts";
import type { LoadedSettings } from "../config/settings.ts";
import { visibleLine } from "../lib/visible.ts";
import { listDisabledHooks } from "../store/disabled-hooks.ts";
import { databaseExists, openStore, type Store } from "../store/store.ts";
import { CommandFailed } from "./command-failed.ts";
import { type GlobalOptions, readHooks, settingsOf } from "./context.ts";
import { type Check, type Finding, type Patient, type Status, unknown } from "./doctor/check.ts";
import { CHECKS } from "./doctor/checks.ts";
import { privateModes } from "./doctor/rights.ts";
import { print, printJson } from "./print.ts";

const MARKS: Readonly<Record<Status, string>> = {
  good: styleText("green", "✔", { stream: process.stdout }),
  warning: styleText("yellow", "!", { stream: process.stdout }),
  bad: styleText("red", "✘", { stream: process.stdout }),
  unknown: styleText("dim", "?", { stream: process.stdout }),
};

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("find what goes wrong in practice, and say what to do (exit code 1 when something is wrong)")
    .action((_, command: Command) => doctor(command.optsWithGlobals()));
}

async function doctor(options: GlobalOptions): Promise<void> {
  const patient = await admit(settingsOf(options));
  try {
    const checks: ({ check: string } & Finding)[] = [];
    for (const check of CHECKS) {
      const found = await findingsOf(check, patient);
      checks.push(...found.map((finding) => ({ check: check.name, ...finding })));
      if (!options.json) for (const finding of found) tell(check, finding);
    }
    const ok = checks.every(({ status }) => status !== "bad");
    if (options.json) printJson({ ok, checks });
    else print(summaryOf(checks.map(({ status }) => status)));
    if (!ok) throw new CommandFailed();
  } finally {
    await patient.store?.close();
  }
}

async function admit(loaded: LoadedSettings): Promise<Patient> {
  const modes = privateModes(loaded);
  const opened = await open(loaded.settings.database);
  const hooks = await readHooks(loaded);
  if (opened.store) hooks.disable(await listDisabledHooks(opened.store.db));
  return { ...loaded, ...opened, hooks, modes, now: Date.now() };
}

async function open(database: string): Promise<{ store?: Store; storeProblem?: string }> {
  if (!databaseExists(database)) return {};
  try {
    return { store: await openStore(database) };
  } catch (error) {
    return { storeProblem: error instanceof Error ? error.message : String(error) };
  }
}

/** One check that cannot be made does not keep the others from being made. */
async function findingsOf({ examine }: Check, patient: Patient): Promise<Finding[]> {
  try {
    return await examine(patient);
  } catch (error) {
    if (error instanceof UserError) return [{ status: "bad", message: error.message, remedy: null }];
    return [unknown(`could not be checked: ${error instanceof Error ? error.message : error}`)];
  }
}

function tell({ name }: Check, { status, message, remedy }: Finding): void {
  print(`${MARKS[status]} ${name}: ${visibleLine(message)}`);
  if (remedy !== null) print(`    → ${visibleLine(remedy)}`);
}

function summaryOf(statuses: readonly Status[]): string {
  const count = (wanted: Status) => statuses.filter((status) => status === wanted).length;
  const [wrong, warnings] = [count("bad"), count("warning")];
  if (wrong === 0 && warnings === 0) return "\nNothing is wrong.";
  return `\n${wrong === 0 ? "Nothing is wrong" : `${wrong} to be repaired`}, ${warnings} to look at.`;
}
