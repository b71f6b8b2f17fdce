/**
 * Runs the tests: all of them, and those of the store once more on SQLite in memory, and on PostgreSQL, that of
 * TEST_DATABASE_URL or one that is started for it. Files and options of Node's test runner may follow; `--memory` and
 * `--postgres` run only these parts. Files that are named, or looked through for some of their tests, have a process each; all of them share some: see `test-groups.ts`.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startPostgres } from "../test/support/postgres.ts";
import { writeGroups } from "./test-groups.ts";

const root = join(import.meta.dirname, "..");
const preload = join(import.meta.dirname, "quick-modules.ts");
const cache = join(root, "node_modules/.cache/longshore-test");
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_COMPILE_CACHE: cache,
  NODE_OPTIONS: `--import=${pathToFileURL(preload)}`,
};

const PARTS = ["--memory", "--postgres"];
const { parts, options, files } = readArguments(process.argv.slice(2));
spawnSync(process.execPath, [preload], { stdio: "inherit" });
const codes: unknown[] = [];
if (parts.all) codes.push(await run(files ?? grouped(globSync("test/**/*.test.ts", { cwd: root }))));
if (parts.memory) codes.push(await run(files ?? grouped(aboutQueue()), { TEST_DATABASE_URL: ":memory:" }));
if (parts.postgres) codes.push(await runOnPostgres(files ?? grouped(aboutStore())));
process.exit(codes.every((code) => code === 0) ? 0 : 1);

function readArguments(all: string[]) {
  const options = all.filter((argument) => argument.startsWith("--") && !PARTS.includes(argument));
  const named = all.filter((argument) => !argument.startsWith("--"));
  const isWhole = !PARTS.some((part) => all.includes(part));
  const [memory, postgres] = PARTS.map((part) => all.includes(part) || (isWhole && named.length === 0));
  return { parts: { all: isWhole, memory, postgres }, options, files: named.length > 0 ? named : undefined };
}

/** A test that is picked by its name would not be found in a group, whose tests are those files. */
function grouped(files: readonly string[]): readonly string[] {
  if (options.some((option) => /^--test-(name-pattern|skip-pattern|only|shard)/.test(option))) return files;
  const { alone = [], together = [] } = Object.groupBy(files, (file) =>
    // Whoever starts a PostgreSQL of its own has a good while to wait for it.
    readFileSync(join(root, file), "utf8").includes("support/postgres.ts") ? "alone" : "together",
  );
  const paths = together.map((file) => join(root, file));
  return [...alone, ...writeGroups(paths, join(root, "test"), join(cache, "groups"))];
}

async function runOnPostgres(files: readonly string[]): Promise<unknown> {
  const ends: (() => unknown)[] = [];
  const given = process.env.TEST_DATABASE_URL;
  const url = given ?? (await startPostgres({ after: (end) => ends.push(end) })).url;
  try {
    return await run(files, { TEST_DATABASE_URL: url });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function run(files: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { TEST_DATABASE_URL: _, ...rest } = environment;
  const runner = spawn(process.execPath, ["--test", "--test-concurrency=4", ...options, ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...rest, ...more },
  });
  const [code] = await once(runner, "exit");
  return code;
}

/** The files about the store whose tests are not about SQLite itself, which shows in what they import. */
function aboutStore(): string[] {
  return globSync("test/store/*.test.ts", { cwd: root }).filter((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return (
      text.includes("support/store.ts") &&
      !/node:sqlite|store\/sqlite|support\/wal\.ts|prune-size/.test(text + file)
    );
  });
}

/** Those of them about what becomes of a run: the rest is the same in memory, and costs time. */
function aboutQueue(): string[] {
  const names =
    /\/(accept|claim|due-runs|hook-states|invariants|last-successes|lease|orphaned-runs|run-.*|singletons)\.test/;
  return aboutStore().filter((file) => names.test(file));
}
