/** `longshore secret`: the secrets that prove deliveries, and their rotation. */
import type { Command } from "commander";
import { showPath, UserError } from "../config/problem.ts";
import {
  addSecret as addSecretToFile,
  generateSecret,
  readSecrets,
  removeSecret,
  secretsFile,
} from "../config/secrets.ts";
import { formatDuration } from "../lib/quantity.ts";
import { isoTimeOrNull } from "../lib/times.ts";
import { secretUses } from "../store/secrets.ts";
import { databaseExists } from "../store/store.ts";
import { asTyped } from "./as-typed.ts";
import { type GlobalOptions, settingsOf, sourceNamed, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";

export function addSecret(program: Command): void {
  const secret = program.command("secret").description("the secrets that prove that GitHub sent a delivery");
  secret
    .command("show [source]")
    .description("print the live secrets of a source, the newest first, and when each was last used")
    .action((source: string | undefined, _, command: Command) => show(source, command.optsWithGlobals()));
  secret
    .command("rotate [source]")
    .description("make a new secret; the older ones stay live until they are removed")
    .action((source: string | undefined, _, command: Command) => rotate(source, command.optsWithGlobals()));
  secret
    .command("remove <name> [source]")
    .description("end a secret's life, by the name that `secret show` prints")
    .action((name: string, source: string | undefined, _, command: Command) =>
      remove(name, source, command.optsWithGlobals()),
    );
}

async function show(name: string | undefined, options: GlobalOptions): Promise<void> {
  const loaded = settingsOf(options);
  const source = sourceNamed(loaded, name);
  const { secrets } = readSecrets(loaded.settings, source, loaded.environment);
  const uses = await lastUses(loaded.settings.database, source.name, options);
  if (options.json) {
    const items = secrets.map((secret) => ({ ...secret, lastUsedAt: isoTimeOrNull(uses.get(secret.name)) }));
    return printJson({ source: source.name, items });
  }
  if (secrets.length === 0) {
    throw new UserError(
      `Source "${source.name}" has no secret. \`longshore secret rotate ${source.name}\` makes one.`,
    );
  }
  for (const secret of secrets) {
    const origin =
      secret.origin === "file"
        ? showPath(secretsFile(loaded.settings, source.name))
        : `variable ${secret.name}`;
    print(`${secret.value}\n  ${secret.name}, from ${origin}, ${usedText(uses.get(secret.name))}`);
  }
}

async function rotate(name: string | undefined, options: GlobalOptions): Promise<void> {
  const loaded = settingsOf(options);
  const source = sourceNamed(loaded, name);
  const secret = addSecretToFile(loaded.settings, source.name, generateSecret(), Date.now());
  const { secrets } = readSecrets(loaded.settings, source, loaded.environment);
  if (options.json) return printJson({ source: source.name, name: secret.name, value: secret.value });
  print(secret.value);
  print(`\nEnter it as the secret of GitHub's webhook. A running server knows it within a second.`);
  const older = secrets.filter((other) => other.name !== secret.name && other.origin === "file");
  if (secrets.length > 1)
    print("Until then the older secrets stay live; `longshore secret show` says when each was last used.");
  for (const { name: old } of older)
    print(`Then end the older one: ${asTyped(`secret remove ${old} ${source.name}`)}`);
}

async function remove(secretName: string, name: string | undefined, options: GlobalOptions): Promise<void> {
  const loaded = settingsOf(options);
  const source = sourceNamed(loaded, name);
  const { secrets } = readSecrets(loaded.settings, source, loaded.environment);
  const secret = secrets.find((candidate) => candidate.name === secretName);
  if (secret?.origin === "environment") {
    throw new UserError(
      `"${secretName}" comes from the environment: remove the variable there, and restart the server.`,
    );
  }
  if (secret && secrets.length === 1 && !source.insecureNoSecret) {
    throw new UserError(
      `"${secretName}" is the only secret of source "${source.name}". Make a new one first: longshore secret rotate`,
    );
  }
  if (!removeSecret(loaded.settings, source.name, secretName)) {
    const names = secrets.map((candidate) => candidate.name).join(", ");
    throw new UserError(`Source "${source.name}" has no secret "${secretName}". There are: ${names}.`);
  }
  if (options.json) return printJson({ source: source.name, removed: secretName });
  print(`The secret ${secretName} of source "${source.name}" is no longer live.`);
}

async function lastUses(
  database: string,
  source: string,
  options: GlobalOptions,
): Promise<Map<string, number>> {
  return databaseExists(database) ? withStore(options, ({ db }) => secretUses(db, source)) : new Map();
}

function usedText(lastUsedAt: number | undefined): string {
  return lastUsedAt === undefined ? "never used" : `last used ${formatDuration(Date.now() - lastUsedAt)} ago`;
}
