/**
 * A copy of a database in use, as it is at one moment. With `sqlite.ts` the only file that knows that it is SQLite.
 *
 * A copy that is made in steps begins anew whenever somebody writes, and beside a busy server never ends. So the source
 * is read inside a transaction, which sees none of what is written meanwhile and holds up nobody who writes.
 */
import { closeSync, fdatasyncSync, openSync } from "node:fs";
import { damageIn, sqlite } from "./sqlite.ts";

export interface CopyOptions {
  /** Leaves out what is free in the source, which takes longer. There is no telling how far it is. */
  compact?: boolean;
  /** From 0 to 1. */
  onProgress?: (part: number) => void;
}

/** 2 MiB. What is written is put on the disk at once: a server that waits for the disk never waits for much of ours. */
const PAGES_AT_ONCE = 512;

/** @param to an empty file. Afterwards all of the copy is in it, and on the disk. */
export async function copyDatabase(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const source = new sqlite.DatabaseSync(from);
  const file = openSync(to, "r+");
  try {
    if (options.compact) source.prepare("vacuum into ?").run(to);
    else {
      source.exec("begin");
      source.prepare("select count(*) from sqlite_master").get(); // Only what is read belongs to this moment.
      await sqlite.backup(source, to, {
        rate: PAGES_AT_ONCE,
        progress({ totalPages, remainingPages }) {
          fdatasyncSync(file);
          options.onProgress?.(1 - remainingPages / Math.max(totalPages, 1));
        },
      });
    }
    withoutLog(to);
    fdatasyncSync(file);
    options.onProgress?.(1);
  } finally {
    closeSync(file);
    source.close();
  }
}

/** What is wrong with a database that nobody else has open; nothing, if it is whole. */
export function findDamage(path: string): string[] {
  const database = new sqlite.DatabaseSync(path);
  try {
    return damageIn(database.prepare("pragma quick_check").all());
  } catch (error) {
    return [(error as Error).message];
  } finally {
    database.close();
  }
}

/** One file without others beside it can be copied and moved by anybody. The server gives it its log back. */
function withoutLog(path: string): void {
  const database = new sqlite.DatabaseSync(path);
  database.exec("pragma journal_mode = delete");
  database.close();
}
