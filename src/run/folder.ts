/** The folder that a run starts in: its own, empty, and removed afterwards. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RunFolder {
  path: string;
  /** Empty: where the script starts unless its hook says otherwise. */
  work: string;
  temporary: string;
  /** Of a hook that has one in its file. */
  script: string;
  /** The payload as JSON. */
  event: string;
  /** The files that Actions gives a script to write to. */
  files: { output: string; env: string; path: string; summary: string };
}

const PREFIX = "longshore-run-";
/** What has just been killed may still be writing. */
const REMOVE = { recursive: true, force: true, maxRetries: 3 };

/** @param owner the number of the process that removes the folder: see {@link removeAbandonedFolders}. */
export function createRunFolder(
  owner: number,
  script: { text: string; ending: string } | undefined,
  event: Uint8Array,
): RunFolder {
  // Made by mkdtemp: nobody else can have prepared it, and nobody else may look into it.
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${owner}-`));
  const folder: RunFolder = {
    path,
    work: join(path, "work"),
    temporary: join(path, "tmp"),
    script: join(path, `script${script?.ending ?? ""}`),
    event: join(path, "event.json"),
    files: {
      output: join(path, "output"),
      env: join(path, "env"),
      path: join(path, "path"),
      summary: join(path, "summary.md"),
    },
  };
  mkdirSync(folder.work);
  mkdirSync(folder.temporary);
  if (script) writeFileSync(folder.script, script.text);
  writeFileSync(folder.event, event);
  for (const file of Object.values(folder.files)) writeFileSync(file, "");
  return folder;
}

/** Returns why it is still there, if it is: another account may have left something in it. */
export function removeRunFolder(path: string): string | undefined {
  try {
    rmSync(path, REMOVE);
  } catch {
    // A script may make folders that even its own account cannot empty, as Go does with its module cache.
    try {
      unlock(path);
      rmSync(path, REMOVE);
    } catch (error) {
      return (error as Error).message;
    }
  }
}

function unlock(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) unlock(join(folder, entry.name));
}

/** Removes the folders of servers that were killed, with their spawners, before they could do so. */
export function removeAbandonedFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    // A folder with our own number is of one that had it before, as in a container that is started again.
    if (owner === undefined || (Number(owner) !== process.pid && isAlive(Number(owner)))) continue;
    removeRunFolder(join(tmpdir(), name));
  }
}

/** Whether a process of this number exists, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
