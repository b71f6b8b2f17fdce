/**
 * Runs the tests: all of them, and those of the store once more on SQLite in memory, and on PostgreSQL, that of
 * TEST_DATABASE_URL or one that is started for it. Files and options of Node's test runner may follow; `--memory` and
 * `--postgres` run only these parts. Files that are named, or looked through for some of their tests, have a process each;
 * all of them share some: see `test-groups.ts`.
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

/** How many files at once, on two cores: many wait, for a process, the disk or a browser. */
const AT_ONCE = 4;
/** The same of the parts that run beside the first one, which is the longest. */
const AT_ONCE_BESIDE = 1;
const PARTS = ["--memory", "--postgres"];
const { parts, options, files } = readArguments(process.argv.slice(2));
spawnSync(process.execPath, [preload], { stdio: "inherit" });
/** What is printed by the parts that run beside the first one: it comes after it, in one piece. */
const printed: Buffer[] = [];
const areGood = await Promise.all([runAll(), runOnOtherDatabases()]);
await new Promise((resolve) => process.stdout.write(Buffer.concat(printed), resolve));
process.exit(areGood.every(Boolean) ? 0 : 1);

async function runAll(): Promise<boolean> {
  return !parts.all || run("all", globSync("test/**/*.test.ts", { cwd: root }));
}

async function runOnOtherDatabases(): Promise<boolean> {
  const isGoodInMemory = !parts.memory || (await run("memory", aboutQueue(), ":memory:"));
  const isGoodOnPostgres = !parts.postgres || (await runOnPostgres());
  return isGoodInMemory && isGoodOnPostgres;
}

async function runOnPostgres(): Promise<boolean> {
  const ends: (() => unknown)[] = [];
  const given = process.env.TEST_DATABASE_URL;
  const url = given ?? (await startPostgres({ after: (end) => ends.push(end) })).url;
  try {
    return await run("postgres", aboutStore(), url);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function readArguments(all: string[]) {
  const options = all.filter((argument) => argument.startsWith("--") && !PARTS.includes(argument));
  const named = all.filter((argument) => !argument.startsWith("--"));
  const isWhole = !PARTS.some((part) => all.includes(part));
  const [memory, postgres] = PARTS.map((part) => all.includes(part) || (isWhole && named.length === 0));
  return { parts: { all: isWhole, memory, postgres }, options, files: named.length > 0 ? named : undefined };
}

/** @returns whether all went well. */
async function run(part: string, ofPart: readonly string[], database?: string): Promise<boolean> {
  const { TEST_DATABASE_URL: _, ...rest } = environment;
  const isBeside = parts.all && database !== undefined;
  const concurrency = isBeside ? AT_ONCE_BESIDE : AT_ONCE;
  const runner = spawn(
    process.execPath,
    ["--test", `--test-concurrency=${concurrency}`, ...options, ...(files ?? grouped(part, ofPart))],
    {
      cwd: root,
      stdio: ["inherit", isBeside ? "pipe" : "inherit", "inherit"],
      env: { ...rest, ...(database !== undefined && { TEST_DATABASE_URL: database }) },
    },
  );
  runner.stdout?.on("data", (bytes: Buffer) => printed.push(bytes));
  const [code] = await once(runner, "close");
  return code === 0;
}

/** A test that is picked by its name would not be found in a group, whose tests are those files. */
function grouped(part: string, files: readonly string[]): readonly string[] {
  if (options.some((option) => /^--test-(name-pattern|skip-pattern|only|shard)/.test(option))) return files;
  // Whoever starts a PostgreSQL of its own has a good while to wait for it.
  const { alone = [], together = [] } = Object.groupBy(files, (file) =>
    startsPostgres(file) ? "alone" : "together",
  );
  const paths = together.map((file) => join(root, file));
  return [...alone, ...writeGroups(paths, join(root, "test"), join(cache, "groups", part))];
}

/** The files about the store whose tests are not about one database, which shows in what they import. */
function aboutStore(): string[] {
  return globSync("test/store/*.test.ts", { cwd: root }).filter((file) => {
    const text = textOf(file);
    return (
      text.includes("support/store.ts") &&
      !startsPostgres(file) &&
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

function startsPostgres(file: string): boolean {
  return textOf(file).includes("support/postgres.ts");
}

function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
