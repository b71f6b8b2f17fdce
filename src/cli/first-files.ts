/** What a first start finds nothing of and makes: a hook to look at, and a secret. Nothing that exists is changed. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "../config/environment.ts";
import { addSecret, generateSecret, readSecrets } from "../config/secrets.ts";
import type { Settings } from "../config/settings.ts";
import { databaseExists } from "../store/store.ts";

const FIRST_HOOK = `# Runs on every push. Change it and save: a running server takes it over within seconds.
# The words are those of GitHub Actions.
on: push

run: |
  echo "Hello from Longshore: $GITHUB_ACTOR pushed to $GITHUB_REF_NAME of $GITHUB_REPOSITORY."
  echo "The commit is $GITHUB_SHA, the whole payload is in $GITHUB_EVENT_PATH."
`;

const FIRST_SETTINGS = `# Longshore's settings. What is commented out shows the default.
# All of them, and the variables that can stand for them: docs/reference/settings.md

# listen: 0.0.0.0:8080
# public-url: https://hooks.example.com       # the receiver as GitHub sees it
# data: ./data                                # database, generated secrets
# hooks: ./hooks
# trust-proxy: [loopback]                     # proxies whose X-Forwarded-For counts
# workers: 4                                  # runs at once

# sources:
#   github:
#     path: /github
#     secrets: "\${{ secrets.GITHUB_WEBHOOK_SECRET }}"
#     allow-from: [github, loopback]
`;

/** The path of the hook that was written, or `undefined` when there is a hooks folder already. */
export function writeFirstHook(settings: Settings): string | undefined {
  if (existsSync(settings.hooksFolder)) return;
  const file = join(settings.hooksFolder, "hello.yml");
  mkdirSync(settings.hooksFolder, { recursive: true });
  const tree = settings.file === undefined ? process.cwd() : dirname(settings.file);
  writeFileSync(file, `${schemaLine("hook", file, tree)}\n${FIRST_HOOK}`);
  return file;
}

/** `false` when the file is there already. */
export function writeFirstSettings(file: string): boolean {
  if (existsSync(file)) return false;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${schemaLine("longshore", file, dirname(file))}\n${FIRST_SETTINGS}`);
  return true;
}

/**
 * The line by which editors find the schema of a YAML file.
 * https://github.com/redhat-developer/yaml-language-server#using-inlined-schema
 *
 * @param tree the folder that is moved or copied as a whole: within it the path is relative.
 */
export function schemaLine(schema: "hook" | "longshore", file: string, tree: string): string {
  const url = new URL(`../../${schema}.schema.json`, import.meta.url);
  const target = fileURLToPath(url);
  const isWithin = [file, target].every((path) => !relative(tree, path).startsWith(".."));
  const path = relative(dirname(file), target);
  // A blank would end the path; in a URL it is written otherwise.
  return `# yaml-language-server: $schema=${isWithin && !/[\s#%]/.test(path) ? path : url.href}`;
}

/** Whether the next `serve` makes the secrets that are missing: only where nothing is configured and nothing stored. */
export function willMakeSecrets(settings: Settings, environment: Environment): boolean {
  const isFirst = !settings.sourcesAreExplicit && !databaseExists(settings.database);
  return isFirst && sourcesWithout(settings, environment).length > 0;
}

/** Makes a secret for each source that has none. Returns the names of those sources. */
export function makeFirstSecrets(settings: Settings, environment: Environment): string[] {
  const without = sourcesWithout(settings, environment);
  for (const { name } of without) addSecret(settings, name, generateSecret(), Date.now());
  return without.map(({ name }) => name);
}

function sourcesWithout(settings: Settings, environment: Environment) {
  return settings.sources.filter((source) => {
    const { secrets, problems } = readSecrets(settings, source, environment);
    // A secret that is named but not there is a mistake to be told, not to be papered over.
    return secrets.length === 0 && problems.length === 0 && !source.insecureNoSecret;
  });
}
