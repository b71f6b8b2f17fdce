/** Who may use the admin API, what they have changed, and the way to what has ended lately. */
import { type Kysely, sql } from "kysely";
import type { SqlTypes } from "../migrate.ts";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>, t: SqlTypes): Promise<void> {
  const role = "role text not null check (role in ('viewer', 'admin'))";
  // Of SHA-256: what is kept opens no door.
  const digest = `digest ${t.bytes} not null unique check (length(digest) = 32)`;
  const statements = [
    `create table tokens (
      id ${t.id},
      name text not null check (name <> ''),
      ${role},
      ${digest},
      created_at ${t.integer} not null,
      created_by text not null,
      last_used_at ${t.integer},
      revoked_at ${t.integer}
    ) ${t.strict}`,
    // A name can be given again when nobody uses it any more.
    `create unique index live_token on tokens (name) where revoked_at is null`,

    `create table sign_in_codes (
      id ${t.id},
      ${digest},
      -- The person who asked for it.
      asked_by text not null,
      expires_at ${t.integer} not null
    ) ${t.strict}`,

    `create table sessions (
      id ${t.id},
      ${digest},
      name text not null,
      ${role},
      -- The token that it began with, whose end is its own.
      token_id ${t.integer} references tokens (id) on delete cascade,
      created_at ${t.integer} not null,
      expires_at ${t.integer} not null
    ) ${t.strict}`,
    `create index sessions_of_token on sessions (token_id) where token_id is not null`,

    `create table audit (
      id ${t.id},
      at ${t.integer} not null,
      who text not null,
      action text not null,
      -- What was changed: the number of a run, the name of a hook.
      subject text,
      -- As JSON.
      details text not null
    ) ${t.strict}`,

    // What has ended in a stretch of time: every entry comes at its end, and no accept makes one.
    `create index runs_finished on runs (finished_at, status, hook, started_at, queued_at)
      where finished_at is not null`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
