/** The spine: deliveries, their runs, what the runs printed, and what protects the door. */
import { readFileSync } from "node:fs";
import { type Kysely, sql } from "kysely";
import type { SqlTypes } from "../migrate.ts";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>, t: SqlTypes): Promise<void> {
  const statements = [
    // Rows here never change: bodies that were packed with them could not be read any more.
    `create table dictionaries (id ${t.integer} primary key, bytes ${t.bytes} not null) ${t.strict}`,

    `create table packs (
      id ${t.id},
      dictionary ${t.integer} not null references dictionaries (id),
      bytes ${t.bytes} not null
    ) ${t.strict}`,

    `create table deliveries (
      id ${t.id},
      source text not null check (source <> ''),
      -- Not null, because a key that holds a null never conflicts.
      webhook_id ${t.integer} not null default 0 check (webhook_id >= 0),
      guid ${t.bytes} not null,
      event text not null check (event <> ''),
      action text,
      repository text,
      ref text,
      sha text,
      sender text,
      received_at ${t.integer} not null,
      client text,
      secret text,
      replayed ${t.integer} not null default 0 check (replayed in (0, 1)),
      size ${t.integer} not null check (size >= 0),
      pack_id ${t.integer} not null references packs (id),
      pack_index ${t.integer} not null check (pack_index >= 0),
      -- The GUID first, because people look for it alone.
      unique (guid, webhook_id, source)
    ) ${t.strict}`,
    `create index deliveries_by_repository on deliveries (repository, id)`,
    // A pack can go when the last of its deliveries has gone.
    `create index deliveries_by_pack on deliveries (pack_id)`,

    `create table runs (
      id ${t.id},
      delivery_id ${t.integer} not null references deliveries (id) on delete cascade,
      hook text not null check (hook <> ''),
      status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped')),
      reason text,
      attempt ${t.integer} not null default 0 check (attempt >= 0),
      interruptions ${t.integer} not null default 0 check (interruptions >= 0),
      exit_code ${t.integer},
      signal text,
      retry_of ${t.integer} references runs (id) on delete set null,
      queued_at ${t.integer} not null,
      -- Set from the moment of insertion: a run without a due time would never be found.
      due_at ${t.integer} not null,
      started_at ${t.integer},
      finished_at ${t.integer},
      worker text,
      lease_until ${t.integer},
      check ((status = 'running') = (worker is not null)),
      check ((status = 'running') = (lease_until is not null)),
      check ((status in ('queued', 'running')) = (finished_at is null)),
      check (status <> 'running' or (attempt > 0 and started_at is not null))
    ) ${t.strict}`,
    `create index runs_by_delivery on runs (delivery_id, hook, id)`,
    `create index runs_by_hook on runs (hook, id)`,
    `create index queued_lane on runs (hook, due_at, id) where status = 'queued'`,
    `create index running_lease on runs (lease_until) where status = 'running'`,
    // However a delivery comes in again, a hook works on it once at a time.
    `create unique index one_live_run on runs (delivery_id, hook) where status in ('queued', 'running')`,
    `create index failed_runs on runs (id) where status = 'failed'`,
    `create index runs_retried on runs (retry_of) where retry_of is not null`,

    `create table last_successes (
      hook text not null,
      source text not null,
      repository text not null,
      ref text not null,
      sha text not null,
      primary key (hook, source, repository, ref)
    ) ${t.keyed}`,

    `create table output (
      run_id ${t.integer} not null references runs (id) on delete cascade,
      attempt ${t.integer} not null check (attempt > 0),
      seq ${t.integer} not null check (seq >= 0),
      stream text not null check (stream in ('stdout', 'stderr', 'longshore')),
      at ${t.integer} not null,
      bytes ${t.bytes} not null,
      primary key (run_id, attempt, seq)
    ) ${t.strict}`,

    // A table of its own: digests are random, and a random index on a large table slows every accept down.
    `create table bodies_seen (
      source text not null,
      digest ${t.bytes} not null,
      secret text not null,
      primary key (digest, source, secret)
    ) ${t.keyed}`,

    `create table secret_uses (
      source text not null,
      secret text not null,
      last_used_at ${t.integer} not null,
      primary key (source, secret)
    ) ${t.keyed}`,

    `create table refusals (
      id ${t.id},
      at ${t.integer} not null,
      source text,
      code text not null,
      peer text,
      event text,
      guid text,
      webhook_id text
    ) ${t.strict}`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);

  const bytes = readFileSync(new URL("../dictionary-1.bin", import.meta.url));
  await db.insertInto("dictionaries").values({ id: 1, bytes }).execute();
}
