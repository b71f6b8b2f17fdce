/**
 * The live secrets of a source: those in `<data>/secrets/<source>`, which `longshore secret` manages, and those that
 * the environment gives, which are read-only. The newest comes first.
 *
 * The file has one secret a line, newest first, each followed by a tab and its name; a line that somebody wrote by
 * hand may lack the name.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Environment } from "./environment.ts";
import { hasErrors, type Problem, problem, UserError } from "./problem.ts";
import type { Settings, SourceSettings } from "./settings.ts";

export interface Secret {
  /** What is stored with a delivery and shown to people: a variable's name, or the day it was made. */
  name: string;
  value: string;
  /** Where it comes from, for people. */
  origin: "environment" | "file";
}

/** The variable that holds the secret of the source called `github`, without anybody saying so. */
export const DEFAULT_VARIABLE = "GITHUB_WEBHOOK_SECRET";
const SHORT = 16;

/** What says where the secrets of a source are. */
export type SecretSource = Pick<SourceSettings, "name" | "secretNames">;

export function secretsFile(settings: Pick<Settings, "dataFolder">, source: string): string {
  return join(settings.dataFolder, "secrets", source);
}

/** All live secrets of a source. None is not a problem here: see {@link checkSecrets}. */
export function readSecrets(
  settings: Pick<Settings, "dataFolder">,
  source: SecretSource,
  environment: Pick<Environment, "get">,
): { secrets: Secret[]; problems: Problem[] } {
  const file = secretsFile(settings, source.name);
  const secrets = readSecretsFile(file);
  const problems: Problem[] = [];
  for (const name of variablesOf(source)) {
    const value = environment.get(name);
    if (value === "") {
      problems.push(
        problem(name, `is set but empty: set it to the secret of source "${source.name}", or unset it`),
      );
    } else if (value !== undefined) {
      secrets.push({ name, value, origin: "environment" });
    } else if (source.secretNames.includes(name)) {
      problems.push(
        problem(name, `is not set, and source "${source.name}" names it (\`${name}_FILE\` would do as well)`),
      );
    }
  }
  for (const { name, value, origin } of secrets) {
    if (value.length >= SHORT) continue;
    const message = `the secret of source "${source.name}" is shorter than ${SHORT} characters; it can be guessed`;
    problems.push(problem(origin === "file" ? file : name, message, "warning"));
  }
  return { secrets, problems };
}

/**
 * The live secrets of every source, by the source's name. Fails closed: a source that could be spoken to without a
 * secret stops the start.
 *
 * @throws {UserError} naming all that is missing.
 */
export function checkSecrets(settings: Settings, environment: Environment) {
  const problems: Problem[] = [];
  const bySource = new Map<string, Secret[]>();
  for (const source of settings.sources) {
    const read = readSecrets(settings, source, environment);
    problems.push(...read.problems);
    bySource.set(source.name, read.secrets);
    if (read.secrets.length === 0 && !source.insecureNoSecret && !hasErrors(read.problems)) {
      problems.push(problem(settings.file ?? "longshore.yml", noSecret(source)));
    }
  }
  if (hasErrors(problems))
    throw new UserError("Not started, because anybody could send deliveries:", problems);
  return { bySource, warnings: problems };
}

/** The variables that hold secrets of sources, whether they are set or not. */
export function secretVariables({ sources }: Pick<Settings, "sources">): string[] {
  return sources.flatMap(variablesOf);
}

/** 32 random bytes in the letters of base64url. */
export function generateSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * Puts a new secret before the others of the source's file. The older ones stay live until they are removed.
 *
 * @param now epoch milliseconds; its day is the secret's name.
 */
export function addSecret(settings: Settings, source: string, value: string, now: number): Secret {
  const file = secretsFile(settings, source);
  const others = readSecretsFile(file);
  const day = new Date(now).toISOString().slice(0, 10);
  let name = day;
  for (let n = 2; others.some((other) => other.name === name); n++) name = `${day}-${n}`;
  const secret: Secret = { name, value, origin: "file" };
  writeSecretsFile(file, [secret, ...others]);
  return secret;
}

/** Ends a secret's life. `false` when the file has none of that name. */
export function removeSecret(settings: Settings, source: string, name: string): boolean {
  const file = secretsFile(settings, source);
  const secrets = readSecretsFile(file);
  const others = secrets.filter((secret) => secret.name !== name);
  if (others.length === secrets.length) return false;
  writeSecretsFile(file, others);
  return true;
}

function variablesOf(source: SecretSource): string[] {
  const implied = source.name === "github" ? [DEFAULT_VARIABLE] : [];
  return [...new Set([...source.secretNames, ...implied])];
}

function noSecret(source: SourceSettings): string {
  const variable = variablesOf(source)[0];
  const set = variable ? `set the variable ${variable}` : "name one in its `secrets`";
  return `source "${source.name}" has no secret: ${set}, or make one with \`longshore secret rotate ${source.name}\``;
}

function readSecretsFile(file: string): Secret[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line, index) => {
      const [value = "", name = `line-${index + 1}`] = line.split("\t");
      return { name, value, origin: "file" };
    });
}

/** Replaced in one step, so that a server that reads it meanwhile sees the old or the new one, never half. */
function writeSecretsFile(file: string, secrets: readonly Secret[]): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  writeFileSync(draft, secrets.map(({ value, name }) => `${value}\t${name}\n`).join(""), { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}
