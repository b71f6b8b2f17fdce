/** The folder that a run starts in: its own, empty, and removed afterwards. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RunFolder {
  path: string;
  /** Empty: where the script starts unless its hook says otherwise. */
  work: string;
  temporary: string;
  script: string;
  /** The payload as JSON. */
  event: string;
  /** The files that Actions gives a script to write to. */
  files: { output: string; env: string; path: string; summary: string };
}

const PREFIX = "longshore-run-";

/** @param owner the number of the process that removes the folder: see {@link removeAbandonedFolders}. */
export function createRunFolder(
  owner: number,
  script: { text: string; ending: string },
  event: Uint8Array,
): RunFolder {
  // Made by mkdtemp: nobody else can have prepared it, and nobody else may look into it.
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${owner}-`));
  const folder: RunFolder = {
    path,
    work: join(path, "work"),
    temporary: join(path, "tmp"),
    script: join(path, `script${script.ending}`),
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
  writeFileSync(folder.script, script.text);
  writeFileSync(folder.event, event);
  for (const file of Object.values(folder.files)) writeFileSync(file, "");
  return folder;
}

export function removeRunFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Removes the folders of servers that were killed, with their spawners, before they could do so. */
export function removeAbandonedFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    // A folder with our own number is of one that had it before, as in a container that is started again.
    if (owner === undefined || (Number(owner) !== process.pid && isAlive(Number(owner)))) continue;
    try {
      removeRunFolder(join(tmpdir(), name));
    } catch {
      // Another account's.
    }
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
