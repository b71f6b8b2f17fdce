/** The nodes of a server, and what they share: who of them does what only one is to do, and GitHub's addresses. */
import { type Kysely, sql } from "kysely";
import type { SqlTypes } from "../migrate.ts";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>, t: SqlTypes): Promise<void> {
  const statements = [
    `create table nodes (
      name text not null primary key check (name <> ''),
      -- With a blank between them.
      roles text not null check (roles <> ''),
      version text not null,
      hooks_folder text not null,
      started_at ${t.integer} not null,
      seen_at ${t.integer} not null,
      stopped_at ${t.integer},
      -- Of all its hooks together; each with its own is in the list, as JSON.
      hooks_digest text not null,
      hooks text not null,
      hooks_read_at ${t.integer} not null
    ) ${t.strict}`,

    `create table singletons (
      name text not null primary key check (name <> ''),
      node text not null check (node <> ''),
      lease_until ${t.integer} not null
    ) ${t.strict}`,

    // As the API at this URL said last, or confirmed; the ranges as JSON.
    `create table github_addresses (
      api_url text not null primary key,
      etag text,
      checked_at ${t.integer} not null,
      ranges text not null
    ) ${t.strict}`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
