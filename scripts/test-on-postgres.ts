/**
 * Runs the tests of the store, and of what performs runs, once more on PostgreSQL: that of TEST_DATABASE_URL, or one that is
 * started for it. Those that are about SQLite itself say so by what they import.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { startPostgres } from "../test/support/postgres.ts";

const isAboutSqlite = (file: string) =>
  /node:sqlite|store\/sqlite|support\/wal\.ts|prune-size/.test(readFileSync(file, "utf8") + file);
const isAboutStore = (file: string) => readFileSync(file, "utf8").includes("support/store.ts");

const files = process.argv.slice(2);
const tests =
  files.length > 0
    ? files
    : globSync("test/store/*.test.ts").filter((file) => isAboutStore(file) && !isAboutSqlite(file));

const ends: (() => unknown)[] = [];
const url = process.env.TEST_DATABASE_URL ?? (await startPostgres({ after: (end) => ends.push(end) })).url;
const runner = spawn(process.execPath, ["--test", "--test-concurrency=3", ...tests], {
  stdio: "inherit",
  env: { ...process.env, TEST_DATABASE_URL: url },
});
const [code] = await once(runner, "exit");
for (const end of ends.reverse()) await end();
process.exit(code ?? 1);
