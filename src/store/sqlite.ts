/**
 * SQLite, built into Node, as a Kysely dialect. With `sqlite-copy.ts` the only file that knows that it is SQLite.
 *
 * SQLite's own waiting for a lock is synchronous and unfair: one writer that is busy stops the whole thread of
 * another for seconds. Here nobody waits that way: a locked database is tried again from a timer.
 */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Driver as StoreDriver } from "./driver.ts";
import type { SqlTypes } from "./migrate.ts";
import { createPrivately } from "./private-file.ts";

export interface SqliteOptions {
  path: string;
  /**
   * Whether a commit is on the disk when it returns. The receiver needs that, because it answers then; for the others
   * a power cut may at worst repeat a run.
   */
  durable: boolean;
  /**
   * Whether this connection keeps the write-ahead log short by itself, moving it into the database while it commits. Else
   * it does so only when the log has become long, because whoever moves it meanwhile never comes to its end.
   */
  checkpoints: boolean;
  /** How long a locked database is tried again before it is given up. */
  busyMs: number;
}

const SQLITE_TYPES: SqlTypes = {
  integer: "integer",
  bytes: "blob",
  id: "integer primary key autoincrement",
  strict: "strict",
  keyed: "strict, without rowid",
  first: [],
};

/** Node's own, loaded without a word. */
export const sqlite = quietly(() => process.getBuiltinModule("node:sqlite"));

const BUSY = 5;
const LOCKED = 6;
const RETRY_MS = 1;
const MAX_STATEMENTS = 500;
/** Pages of the write-ahead log. Without the second one it grew to 229 MB in 38,000 deliveries without a pause. */
const SHORT_LOG = 1_000;
const LONG_LOG = 8_000;

/** Creates the file, if there is none. */
export function openSqlite(options: SqliteOptions): StoreDriver {
  const connection = new SqliteConnection(options);
  return {
    dialect: new SqliteDialect(connection),
    types: SQLITE_TYPES,
    unhurried: (action) => action(),
    hasChanged: () => connection.hasChanged(),
    // Everybody sees the file change.
    announce() {},
    size: async () => connection.size(),
    damage: async () => connection.damage(),
    maintain: () => connection.checkpoint(),
    freeBytes() {
      const { bavail, bsize } = statfsSync(dirname(options.path));
      return bavail * bsize;
    },
    close: async () => connection.close(),
  };
}

interface Prepared {
  statement: StatementSync;
  /** Whether it gives rows back. */
  hasRows: boolean;
}

/** A database of its own, which is gone when it is closed. */
const IN_MEMORY = ":memory:";

export class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();
  readonly #options: SqliteOptions;
  #version: unknown;

  constructor(options: SqliteOptions) {
    if (options.path !== IN_MEMORY) createPrivately(options.path);
    this.#options = options;
    this.#database = new sqlite.DatabaseSync(options.path, { timeout: 0, enableForeignKeyConstraints: true });
  }

  /**
   * Readers and the writer do not wait for each other with a write-ahead log. Even these lines read the file, which
   * another connection locks while it is the first to open it or the last to close it.
   */
  async prepare(): Promise<void> {
    const { durable, checkpoints } = this.#options;
    const pragmas = `
      pragma journal_mode = wal;
      pragma synchronous = ${durable ? "full" : "normal"};
      pragma wal_autocheckpoint = ${checkpoints ? SHORT_LOG : LONG_LOG};
      pragma journal_size_limit = ${64 * 1024 ** 2};
      pragma cache_size = -16000;
      pragma temp_store = memory;
    `;
    await this.#untilFree(() => this.#database.exec(pragmas));
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    // Inside a transaction the lock is held already; alone, a write may find the database locked.
    return this.#untilFree(() => this.#run<R>(query));
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for the method, and nothing here streams.
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error("queries are not streamed from SQLite");
  }

  /** Whether another connection has committed since the last time somebody asked. */
  hasChanged(): boolean {
    const version = this.#prepare("pragma data_version").statement.get()?.data_version;
    const changed = version !== this.#version;
    this.#version = version;
    return changed;
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Of the file, without the write-ahead log beside it. */
  size(): { totalBytes: number; usedBytes: number } {
    const ask = (pragma: string) =>
      Number(Object.values(this.#prepare(`pragma ${pragma}`).statement.get() ?? {})[0]);
    const pageBytes = ask("page_size");
    const pages = ask("page_count");
    return { totalBytes: pages * pageBytes, usedBytes: (pages - ask("freelist_count")) * pageBytes };
  }

  /** What is wrong with the file. Reads all of it, and holds up nobody. */
  damage(): string[] {
    return damageIn(this.#prepare("pragma quick_check").statement.all());
  }

  /** Moves what it can of the write-ahead log into the database, holding up nobody. */
  checkpoint(): void {
    this.#database.exec("pragma wal_checkpoint(passive)");
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #run<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    const { statement, hasRows } = this.#prepare(sql);
    const values = parameters as never[];
    if (hasRows) return { rows: statement.all(...values) as R[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (!prepared) {
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
      const statement = this.#database.prepare(sql);
      // Asked once: it describes every column of the result.
      prepared = { statement, hasRows: statement.columns().length > 0 };
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }

  async #untilFree<T>(attempt: () => T): Promise<T> {
    const deadline = performance.now() + this.#options.busyMs;
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (this.#database.isTransaction || !isBusy(error) || performance.now() > deadline) throw error;
      }
      await delay(RETRY_MS);
    }
  }
}

/** One connection, which queries and transactions take turns at. */
export class SqliteDialect implements Dialect {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  createDriver(): Driver {
    return new SqliteDriver(this.#connection);
  }

  createQueryCompiler() {
    return new SqliteQueryCompiler();
  }

  createAdapter() {
    return new SqliteAdapter();
  }

  createIntrospector(db: ConstructorParameters<typeof SqliteIntrospector>[0]) {
    return new SqliteIntrospector(db);
  }
}

class SqliteDriver implements Driver {
  readonly #connection: SqliteConnection;
  #turn: Promise<void> = Promise.resolve();
  #endTurn: () => void = () => {};

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async init(): Promise<void> {
    await this.#connection.prepare();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    this.#endTurn = resolve;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#endTurn();
  }

  /** Takes the write lock at once: a transaction that reads first and writes later could find it taken half-way. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  /** On a full disk SQLite has rolled back by itself; to ask again would hide what is wrong. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#connection.isInTransaction) await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async destroy(): Promise<void> {
    this.#connection.close();
  }
}

/** The rows of a `quick_check` less the one that says that there is nothing to say. */
export function damageIn(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map((row) => String(Object.values(row)[0])).filter((text) => text !== "ok");
}

/** Node 24 tells every user, at every command, that its SQLite is young. The tests run on it, too. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code !== undefined && [BUSY, LOCKED].includes(code & 0xff);
}
