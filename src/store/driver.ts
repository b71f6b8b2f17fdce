/** What differs between the databases, behind one face: `sqlite.ts` and `postgres.ts` implement it, `store.ts` chooses. */
import type { Dialect } from "kysely";
import type { SqlTypes } from "./migrate.ts";
import type { Database } from "./store.ts";

export interface Driver {
  dialect: Dialect;
  types: SqlTypes;
  /** Lets what `action` does take as long as it needs: a migration of a large table. */
  unhurried<T>(action: () => Promise<T>): Promise<T>;
  /** Whether anybody else has written since the last time somebody asked. */
  hasChanged(): boolean;
  /** Tells those who wait for work that there is some. Soon, and not in whatever transaction is under way. */
  announce(): void;
  size(db: Database): Promise<DatabaseSize>;
  /** What is wrong with the database itself; nothing, if it is whole. Takes as long as reading all of it. */
  damage(): Promise<string[]>;
  /** What the database wants done now and then, off the receiver's way. */
  maintain(): void;
  /** Bytes that it can still grow by; `undefined` where that is not this machine's business. */
  freeBytes(): number | undefined;
  close(): Promise<void>;
}

export interface DatabaseSize {
  /** What it takes on the disk. */
  totalBytes: number;
  /** What of it is in use; the rest is filled before it grows. Where nobody can tell, the same. */
  usedBytes: number;
}
