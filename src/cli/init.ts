/** `longshore init`: a settings file, a first hook and a secret, in the folder where one stands. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { showPath } from "../config/problem.ts";
import { secretsFile } from "../config/secrets.ts";
import { loadSettings } from "../config/settings.ts";
import { asTyped } from "./as-typed.ts";
import type { GlobalOptions } from "./context.ts";
import { makeFirstSecrets, writeFirstHook, writeFirstSettings } from "./first-files.ts";
import { print, printJson } from "./print.ts";

export function addInit(program: Command): void {
  program
    .command("init")
    .description("write settings, a first hook and a secret into this folder; nothing that exists is changed")
    .action((_, command: Command) => init(command.optsWithGlobals()));
}

function init(options: GlobalOptions): void {
  const settingsFile = resolve(options.config ?? "longshore.yml");
  const written: string[] = [];
  if (writeFirstSettings(settingsFile)) written.push(settingsFile);
  const { settings, environment } = loadSettings(process.env, settingsFile);
  const hook = writeFirstHook(settings);
  if (hook) written.push(hook);
  written.push(...makeFirstSecrets(settings, environment).map((source) => secretsFile(settings, source)));

  if (options.json) return printJson({ written });
  for (const file of written) print(`wrote ${showPath(file)}`);
  if (written.length === 0) print("Everything is here already; nothing was written.");
  print(`\nNext: ${asTyped("serve")}`);
}
