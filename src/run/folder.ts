/**
 * The folder that a run starts in: its own, empty, and removed afterwards. Under another account all that is in it is that
 * account's. The folder itself stays the server's, so that nothing in it can be swapped for a link.
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../lib/remove-folder.ts";
import type { Account } from "./account.ts";

export interface RunFolder {
  path: string;
  /** Under which the run is performed: all that it leaves in here is owned by its `uid`. */
  account: Account;
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
const PRIVATE = { mode: 0o600 };

/** @param owner the number of the process that removes the folder: see {@link removeAbandonedFolders}. */
export function createRunFolder(
  owner: number,
  script: { text: string; ending: string } | undefined,
  event: Uint8Array,
  account: Account,
): RunFolder {
  // Made by mkdtemp: nobody else can have prepared it, and nobody else may look into it.
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${owner}-`));
  const folder: RunFolder = {
    path,
    account,
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
  const files = Object.values(folder.files);
  for (const inner of [folder.work, folder.temporary]) mkdirSync(inner, { mode: 0o700 });
  if (script) writeFileSync(folder.script, script.text, PRIVATE);
  writeFileSync(folder.event, event, PRIVATE);
  for (const file of files) writeFileSync(file, "", PRIVATE);
  if (account.isOther)
    give(account, path, [
      folder.work,
      folder.temporary,
      ...(script ? [folder.script] : []),
      folder.event,
      ...files,
    ]);
  return folder;
}

/** Until the last step nobody else can go into the folder, so nothing in it is other than we have made it. */
function give({ uid, gid }: Account, path: string, inner: readonly string[]): void {
  for (const one of inner) chownSync(one, uid, gid);
  chownSync(path, -1, gid);
  // To go in, not to change what is there.
  chmodSync(path, 0o710);
}

/** Returns why it is still there, if it is: another account may have left something in it. */
export function removeRunFolder(path: string): string | undefined {
  try {
    removeFolder(path);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Removes the folders of servers that were killed, with their spawners, before they could do so. */
export function removeAbandonedFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    // A folder with our own number is of one that had it before, as in a container that is started again.
    if (owner === undefined || (Number(owner) !== process.pid && isAlive(Number(owner)))) continue;
    const path = join(tmpdir(), name);
    // Where everybody may write, anybody can have given a folder such a name.
    if (lstatSync(path, { throwIfNoEntry: false })?.uid === process.geteuid?.()) removeRunFolder(path);
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
