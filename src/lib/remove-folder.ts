/**
 * Removes a folder with all that is in it, also when another account can still write there. Node's own way is by paths,
 * so a folder that is swapped for a link at the right moment would lead it anywhere; here every folder is held open,
 * and what is in it is reached from there.
 */
import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  unlinkSync,
} from "node:fs";

/** Linux's O_PATH, which Node has no name for: a folder is held without being read, so its mode does not matter. */
const O_PATH = 0o10000000;
const HOLD = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Somebody may be writing still. */
const ATTEMPTS = 4;

/**
 * Removes it; what is not there is no mistake. A link is removed itself, not what it leads to. Folders that forbid their
 * own account to empty them, as Go's module cache does, are no obstacle.
 *
 * @throws when something cannot be removed, with its path.
 */
export function removeFolder(path: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      // Elsewhere no account can be another one's guest: see `run/privileges.ts`.
      return process.platform === "linux" ? removeHeld(path) : removeByPath(path);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

function removeHeld(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found) remove(Buffer.from(path), path, found.isDirectory());
}

/**
 * @param at how it is reached: its name below a folder that is held.
 * @param shown its path, for people.
 * @param isFolder what it was a moment ago: when that has changed, it is an error.
 */
function remove(at: Buffer, shown: string, isFolder: boolean): void {
  if (!isFolder) return said(shown, () => unlinkSync(at));
  const folder = said(shown, () => openSync(at, HOLD));
  try {
    empty(`/proc/self/fd/${folder}`, shown);
  } finally {
    closeSync(folder);
  }
  said(shown, () => rmdirSync(at));
}

function empty(held: string, shown: string): void {
  try {
    chmodSync(held, 0o700);
  } catch {
    // Another account's. Whether that matters is seen in a moment.
  }
  const above = Buffer.from(`${held}/`);
  const entries = said(shown, () => readdirSync(held, { encoding: "buffer", withFileTypes: true }));
  for (const entry of entries)
    remove(Buffer.concat([above, entry.name]), `${shown}/${entry.name}`, entry.isDirectory());
}

/** An error that names the path as people know it. */
function said<T>(shown: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${shown}: ${message.split(",", 1)[0] ?? code}`, { cause: error });
  }
}

function removeByPath(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    unlock(path);
    rmSync(path, { recursive: true, force: true });
  }
}

function unlock(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) unlock(`${folder}/${entry.name}`);
}
