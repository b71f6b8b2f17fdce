/** Opens the store, whichever database it is. What can be asked of it stands in one file per noun beside this one. */
import { existsSync } from "node:fs";
import { Kysely } from "kysely";
import { isDatabaseServer, showDatabase } from "../config/database.ts";
import { UserError } from "../config/problem.ts";
import type { DatabaseSize, Driver } from "./driver.ts";
import { DatabaseUnreachable } from "./faults.ts";
import { migrate } from "./migrate.ts";
import type { Dictionary } from "./packing.ts";
import { openSqlite } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;

export interface Store {
  db: Database;
  /** The dictionary that new bodies are packed with. */
  dictionary: Dictionary;
  /** Whether anybody else has written since the last time somebody asked. */
  hasChanged(): boolean;
  /** Tells workers, wherever they are, that runs have been stored. */
  announce(): void;
  /** How large the database is. */
  size(): Promise<DatabaseSize>;
  /** What is wrong with the database itself; nothing, if it is whole. Takes as long as reading all of it. */
  damage(): Promise<string[]>;
  /** What the database wants done now and then, off the receiver's way. */
  maintain(): void;
  /** Bytes that it can still grow by; `undefined` where that is not this machine's business. */
  freeBytes(): number | undefined;
  /** Whether others may reach it while this machine does not. */
  isRemote: boolean;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** A commit is on the disk when it returns: the receiver's way. */
  durable?: boolean;
  /** Somebody else calls {@link Store.maintain}. */
  maintainedElsewhere?: boolean;
  /** Milliseconds until a database that is locked, or does not answer, is given up. */
  busyMs?: number;
  /** How many connections a server of databases is asked for at most. */
  connections?: number;
  log?: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** A file is never locked for long. A server of databases may walk through millions of rows for a person. */
const BUSY_MS = 5_000;
const PATIENCE_MS = 60_000;
const CONNECTIONS = 4;
const NO_LOG = { info() {}, warn() {} };

/** @param database as in the settings: `postgres://…`, or for SQLite the path of its file. */
export async function openStore(database: string, options: StoreOptions = {}): Promise<Store> {
  const driver = await openDriver(database, options);
  const db: Database = new Kysely<Tables>({ dialect: driver.dialect });
  const close = async () => {
    await driver.close();
    await db.destroy();
  };
  try {
    await driver.unhurried(() => migrate(db, driver.types));
    return {
      db,
      dictionary: await newestDictionary(db),
      hasChanged: () => driver.hasChanged(),
      announce: () => driver.announce(),
      size: () => driver.size(db),
      damage: () => driver.damage(),
      maintain: () => driver.maintain(),
      freeBytes: () => driver.freeBytes(),
      isRemote: isDatabaseServer(database),
      close,
    };
  } catch (error) {
    await close();
    if (!(error instanceof DatabaseUnreachable)) throw error;
    throw new UserError(`The database ${showDatabase(database)} cannot be used: ${error.message}.`);
  }
}

async function openDriver(database: string, options: StoreOptions): Promise<Driver> {
  const {
    durable = false,
    maintainedElsewhere = false,
    busyMs,
    connections = CONNECTIONS,
    log = NO_LOG,
  } = options;
  if (!isDatabaseServer(database))
    return openSqlite({
      path: database,
      durable,
      checkpoints: !maintainedElsewhere,
      busyMs: busyMs ?? BUSY_MS,
    });
  // Loaded where it is needed: nobody else has to wait for it.
  const { openPostgres } = await import("./postgres.ts");
  return openPostgres({ url: database, connections, patienceMs: busyMs ?? PATIENCE_MS, log });
}

/** Whether there is a database, without making one. A server of databases is always there, or that is its own error. */
export function databaseExists(database: string): boolean {
  return isDatabaseServer(database) || existsSync(database);
}

async function newestDictionary(db: Database): Promise<Dictionary> {
  return db.selectFrom("dictionaries").selectAll().orderBy("id", "desc").limit(1).executeTakeFirstOrThrow();
}
