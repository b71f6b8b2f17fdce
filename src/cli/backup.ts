/** `longshore backup FILE`: a copy of the database as it is at one moment, beside a running server, proven to be whole. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { isDatabaseServer, showDatabase } from "../config/database.ts";
import { showPath, UserError } from "../config/problem.ts";
import type { Settings } from "../config/settings.ts";
import { formatSize } from "../lib/quantity.ts";
import { copyDatabase, findDamage } from "../store/sqlite-copy.ts";
import { CommandFailed } from "./command-failed.ts";
import { type GlobalOptions, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";

type BackupOptions = GlobalOptions & { force?: boolean; compact?: boolean };

export function addBackup(program: Command): void {
  program
    .command("backup")
    .description("copy the database into a file, while the server runs")
    .argument("<file>", "where the copy is put")
    .option("--force", "replace the file if it is there")
    .option("--compact", "leave out what is free in the database, which takes longer")
    .action((file: string, _, command: Command) => backup(resolve(file), command.optsWithGlobals()));
}

async function backup(file: string, options: BackupOptions): Promise<void> {
  await withStore(options, async (store, { settings }) => {
    if (isDatabaseServer(settings.database))
      throw new UserError(
        `The database is PostgreSQL's: \`pg_dump --format=custom --file=${file} "${showDatabase(settings.database)}"\` copies it.`,
      );
    checkTarget(file, settings, options);
    checkRoom(file, settings, await store.size());
    const startedAt = performance.now();
    await withDraft(file, async (draft) => {
      await copyDatabase(settings.database, draft, {
        compact: options.compact,
        onProgress: options.json ? undefined : showProgress,
      });
      const [damage] = findDamage(draft);
      if (damage !== undefined) fail(`The copy is damaged, and so may be the database: ${damage}`);
    });
    const bytes = statSync(file).size;
    const notIncluded = leftOut(settings);
    if (options.json)
      return printJson({ file, bytes, durationMs: Math.round(performance.now() - startedAt), notIncluded });
    print(`${showPath(file)}: ${formatSize(bytes)}, checked.`);
    print(`Not in it: ${notIncluded.map(showPath).join(", ")}. Keep a copy of that, too.`);
  });
}

/** @throws {UserError} when the copy cannot or must not be put there. */
function checkTarget(file: string, { database }: Settings, { force }: BackupOptions): void {
  const folder = dirname(file);
  if (!existsSync(folder)) throw new UserError(`There is no folder ${folder}.`);
  if (!existsSync(file)) return;
  if (statSync(file).isDirectory()) throw new UserError(`${file} is a folder; name a file in it.`);
  const own = ["", "-wal", "-shm"].map((suffix) => `${database}${suffix}`).filter((path) => existsSync(path));
  if (own.map((path) => realpathSync(path)).includes(realpathSync(file)))
    throw new UserError(`${file} is the database itself.`);
  if (!force) throw new UserError(`${file} is there already. \`--force\` replaces it.`);
}

/** A copy that takes the last of the disk would make the server refuse deliveries. */
function checkRoom(file: string, settings: Settings, { totalBytes }: { totalBytes: number }): void {
  const folder = dirname(file);
  const { bavail, bsize } = statfsSync(folder);
  const isShared = statSync(folder).dev === statSync(settings.database).dev;
  const needed = totalBytes + (isShared ? settings.minFreeDiskBytes : 0);
  if (bavail * bsize >= needed) return;
  const rest = isShared
    ? `, and the server needs ${formatSize(settings.minFreeDiskBytes)} (\`min-free-disk\`)`
    : "";
  fail(
    `There is too little room in ${folder}: ${formatSize(bavail * bsize)} are free, the copy needs ${formatSize(totalBytes)}${rest}.`,
  );
}

/** What is made stands beside its final place, which it takes in one step, and is the owner's alone from the start. */
async function withDraft(file: string, make: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${file}.${randomUUID()}.part`;
  try {
    closeSync(openSync(draft, "wx", 0o600));
  } catch (error) {
    throw new UserError(`${dirname(file)} cannot be written to: ${(error as Error).message}`);
  }
  const remove = () => rmSync(draft, { force: true });
  const end = () => {
    remove();
    process.exit(1);
  };
  process.on("SIGINT", end).on("SIGTERM", end);
  try {
    await make(draft);
    renameSync(draft, file);
    syncFolder(dirname(file));
  } finally {
    process.off("SIGINT", end).off("SIGTERM", end);
    remove();
  }
}

/** What somebody who has only the copy would miss. */
function leftOut({ dataFolder, hooksFolder, file }: Settings): string[] {
  const secrets = join(dataFolder, "secrets");
  const hasSecrets = existsSync(secrets) && readdirSync(secrets).length > 0;
  return [...(hasSecrets ? [secrets] : []), hooksFolder, ...(file ? [file] : [])];
}

function showProgress(part: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(part < 1 ? `\rcopied ${Math.floor(part * 100)} %` : "\r\u001b[K");
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  fsyncSync(folder);
  closeSync(folder);
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  throw new CommandFailed();
}
