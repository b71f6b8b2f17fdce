/** Opens the store, whichever database it is. What can be asked of it stands in one file per noun beside this one. */
import { existsSync } from "node:fs";
import { Kysely } from "kysely";
import { migrate } from "./migrate.ts";
import type { Dictionary } from "./packing.ts";
import { SQLITE_TYPES, SqliteConnection, SqliteDialect } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;

export interface Store {
  db: Database;
  /** The dictionary that new bodies are packed with. */
  dictionary: Dictionary;
  /** Whether anybody else has written since the last time somebody asked. */
  hasChanged(): boolean;
  /** How large the database is. */
  size(): Promise<DatabaseSize>;
  /** What is wrong with the database itself; nothing, if it is whole. Takes as long as reading all of it. */
  damage(): Promise<string[]>;
  /** What the database wants done now and then, off the receiver's way. */
  maintain(): void;
  close(): Promise<void>;
}

export interface DatabaseSize {
  /** What it takes on the disk. */
  totalBytes: number;
  /** What of it is in use; the rest is filled before it grows. */
  usedBytes: number;
}

export interface StoreOptions {
  /** A commit is on the disk when it returns: the receiver's way. */
  durable?: boolean;
  /** Somebody else calls {@link Store.maintain}. */
  maintainedElsewhere?: boolean;
  /** Milliseconds until a locked database is given up. */
  busyMs?: number;
}

const BUSY_MS = 5_000;

/** @param database as in the settings: for SQLite the path of its file. */
export async function openStore(database: string, options: StoreOptions = {}): Promise<Store> {
  const connection = new SqliteConnection({
    path: database,
    durable: options.durable ?? false,
    checkpoints: !options.maintainedElsewhere,
    busyMs: options.busyMs ?? BUSY_MS,
  });
  const db: Database = new Kysely<Tables>({ dialect: new SqliteDialect(connection) });
  try {
    await migrate(db, SQLITE_TYPES);
    return {
      db,
      dictionary: await newestDictionary(db),
      hasChanged: () => connection.hasChanged(),
      size: async () => connection.size(),
      damage: async () => connection.damage(),
      maintain: () => connection.checkpoint(),
      close: () => db.destroy(),
    };
  } catch (error) {
    await db.destroy();
    connection.close(); // Kysely closes only what it could prepare.
    throw error;
  }
}

/** Whether there is a database, without making one. */
export function databaseExists(database: string): boolean {
  return existsSync(database);
}

async function newestDictionary(db: Database): Promise<Dictionary> {
  return db.selectFrom("dictionaries").selectAll().orderBy("id", "desc").limit(1).executeTakeFirstOrThrow();
}
