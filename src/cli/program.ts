/**
 * The command line. To add a command: a file beside this one that exports a function which adds it, and its line in
 * `COMMANDS`.
 *
 * Exit codes: 0 good, 1 the thing failed, 2 wrong usage or settings.
 */
import { Command, CommanderError } from "commander";
import { UserError } from "../config/problem.ts";
import { OWN_PACKAGE } from "../lib/own-package.ts";
import { CommandFailed } from "./command-failed.ts";

type Add = (program: Command) => void;

/** By their names. Each is read only when it is asked for: a list need not wait for all that a server is made of. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  init: async () => (await import("./init.ts")).addInit,
  serve: async () => (await import("./serve.ts")).addServe,
  check: async () => (await import("./check.ts")).addCheck,
  send: async () => (await import("./send.ts")).addSend,
  explain: async () => (await import("./explain.ts")).addExplain,
  why: async () => (await import("./why.ts")).addWhy,
  deliveries: async () => (await import("./deliveries.ts")).addDeliveries,
  runs: async () => (await import("./runs.ts")).addRuns,
  run: async () => (await import("./run-hook.ts")).addRunHook,
  hooks: async () => (await import("./hooks.ts")).addHooks,
  nodes: async () => (await import("./nodes.ts")).addNodes,
  prune: async () => (await import("./prune.ts")).addPrune,
  backup: async () => (await import("./backup.ts")).addBackup,
  doctor: async () => (await import("./doctor.ts")).addDoctor,
  secret: async () => (await import("./secret.ts")).addSecret,
  login: async () => (await import("./login.ts")).addLogin,
  token: async () => (await import("./token.ts")).addTokenCommands,
};

const VERSION = ["--version", "-V"];

/** @returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const program = createProgram();
    for (const name of namedIn(args)) (await COMMANDS[name]?.())?.(program);
    await program.parseAsync(args, { from: "user" });
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
    .description(OWN_PACKAGE.description)
    .version(OWN_PACKAGE.version)
    .option(
      "--config <file>",
      "the settings file (else LONGSHORE_CONFIG, ./longshore.yml, /etc/longshore/longshore.yml)",
    )
    .option("--json", "print one JSON document")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .exitOverride()
    .showHelpAfterError("(add --help for what can be said here)");
  return program;
}

/** Those that a command line can mean; all when it names none, so that help and suggestions know them. */
function namedIn(args: readonly string[]): string[] {
  if (args.length === 1 && VERSION.includes(args[0] ?? "")) return [];
  const names = Object.keys(COMMANDS);
  const named = names.filter((name) => args.includes(name));
  return named.length > 0 ? named : names;
}
