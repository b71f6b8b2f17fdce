/**
 * The command line. To add a command: a file beside this one that exports a function which adds it, and its line in
 * `COMMANDS`.
 *
 * Exit codes: 0 good, 1 the thing failed, 2 wrong usage or settings.
 */
import { Command, CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { UserError } from "../config/problem.ts";
import { addCheck } from "./check.ts";
import { CommandFailed } from "./command-failed.ts";
import { addDeliveries } from "./deliveries.ts";
import { addExplain } from "./explain.ts";
import { addHooks } from "./hooks.ts";
import { addInit } from "./init.ts";
import { addRunHook } from "./run-hook.ts";
import { addRuns } from "./runs.ts";
import { addSecret } from "./secret.ts";
import { addSend } from "./send.ts";
import { addServe } from "./serve.ts";
import { addWhy } from "./why.ts";

const COMMANDS: readonly ((program: Command) => void)[] = [
  addInit,
  addServe,
  addCheck,
  addSend,
  addExplain,
  addWhy,
  addDeliveries,
  addRuns,
  addRunHook,
  addHooks,
  addSecret,
];

/** @returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof CommandFailed) return error.exitCode;
    if (error instanceof UserError) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    throw error;
  }
}

function createProgram(): Command {
  const program = new Command("longshore")
    .description(packageJson.description)
    .version(packageJson.version)
    .option(
      "--config <file>",
      "the settings file (else LONGSHORE_CONFIG, ./longshore.yml, /etc/longshore/longshore.yml)",
    )
    .option("--json", "print one JSON document")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .exitOverride()
    .showHelpAfterError("(add --help for what can be said here)");
  for (const add of COMMANDS) add(program);
  return program;
}
