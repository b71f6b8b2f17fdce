/**
 * Brings the database to this version's schema: numbered migrations, forward only, each applied once, all in one
 * transaction that takes the write lock first, so that of two starts at the same time one waits and finds them done.
 *
 * To add one: a file in `migrations/`, numbered and named for what it does, and its line in `MIGRATIONS`. A migration
 * that has been released is never edited.
 */
import { type Kysely, sql } from "kysely";
import { UserError } from "../config/problem.ts";
import { up as deliveriesAndRuns } from "./migrations/0001_deliveries_and_runs.ts";
import { up as hookSets } from "./migrations/0002_hook_sets.ts";
import { up as concurrency } from "./migrations/0003_concurrency.ts";
import { up as attempts } from "./migrations/0004_attempts.ts";
import { up as retention } from "./migrations/0005_retention.ts";
import { up as nodes } from "./migrations/0006_nodes.ts";
import { up as finishing } from "./migrations/0007_finishing.ts";
import { up as admin } from "./migrations/0008_admin.ts";
import { up as bodiesSeenAppended } from "./migrations/0009_bodies_seen_appended.ts";
import { up as repositoriesNotIndexed } from "./migrations/0010_repositories_not_indexed.ts";
import { up as packsWithoutDictionary } from "./migrations/0011_packs_without_dictionary.ts";
import type { Tables } from "./tables.ts";

/** The words in which databases differ; everything else in a migration is common SQL. */
export interface SqlTypes {
  /** An integer of 64 bits. */
  integer: string;
  bytes: string;
  /** A primary key that counts up by itself and never gives a number again. */
  id: string;
  /** What follows a table's closing bracket. */
  strict: string;
  /** The same for a table that is nothing but its primary key and a few columns. */
  keyed: string;
  /** Said before anything else, in the transaction. */
  first: readonly string[];
}

const MIGRATIONS: readonly (readonly [
  name: string,
  up: (db: Kysely<Tables>, types: SqlTypes) => Promise<void>,
])[] = [
  ["0001_deliveries_and_runs", deliveriesAndRuns],
  ["0002_hook_sets", hookSets],
  ["0003_concurrency", concurrency],
  ["0004_attempts", attempts],
  ["0005_retention", retention],
  ["0006_nodes", nodes],
  ["0007_finishing", finishing],
  ["0008_admin", admin],
  ["0009_bodies_seen_appended", bodiesSeenAppended],
  ["0010_repositories_not_indexed", repositoriesNotIndexed],
  ["0011_packs_without_dictionary", packsWithoutDictionary],
];

/** @throws {UserError} when a newer Longshore has been at this database. */
export async function migrate(db: Kysely<Tables>, types: SqlTypes): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const statement of types.first) await sql.raw(statement).execute(tx);
    await sql
      .raw(
        `create table if not exists schema_migrations (name text primary key, applied_at ${types.integer} not null) ${types.strict}`,
      )
      .execute(tx);
    const applied = new Set(
      (await tx.selectFrom("schema_migrations").select("name").execute()).map(({ name }) => name),
    );
    for (const [name, up] of MIGRATIONS) {
      if (applied.delete(name)) continue;
      await up(tx, types);
      await tx.insertInto("schema_migrations").values({ name, applied_at: Date.now() }).execute();
    }
    const [unknown] = applied;
    if (unknown)
      throw new UserError(
        `The database has the migration ${unknown}, which is of a newer Longshore. Use that one.`,
      );
  });
}

/** The name of the last migration that has been applied. */
export async function schemaVersion(db: Kysely<Tables>): Promise<string> {
  const { name } = await db
    .selectFrom("schema_migrations")
    .select("name")
    .orderBy("name", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  return name;
}
