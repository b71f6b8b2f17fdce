/** What is kept of each attempt of a run, who asked for it, and how a hook stands on each branch. */
import { type Kysely, sql } from "kysely";
import type { SqlTypes } from "../migrate.ts";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>, t: SqlTypes): Promise<void> {
  const statements = [
    // Attempts that failed by themselves: interrupted and handed back ones are none.
    `alter table runs add column failures ${t.integer} not null default 0 check (failures >= 0)`,
    // How it will end; what is left of it is its hook's on-failure.
    `alter table runs add column ending text check (ending in ('failed', 'cancelled'))`,
    // The person who wanted it; null where a delivery did.
    `alter table runs add column asked_by text`,
    // A notification is a run that tells of another one.
    `alter table runs add column about_run ${t.integer} references runs (id) on delete cascade`,
    `alter table runs add column about_change text check (about_change in ('failed', 'recovered'))`,
    `create index runs_about on runs (about_run) where about_run is not null`,

    // However a delivery comes in again, a hook works on it once at a time.
    `drop index one_live_run`,
    `create unique index one_live_run on runs (delivery_id, hook, coalesce(about_run, 0))
      where status in ('queued', 'running')`,

    // Those before the last one, which is in the run itself.
    `create table attempts (
      run_id ${t.integer} not null references runs (id) on delete cascade,
      attempt ${t.integer} not null check (attempt > 0),
      outcome text not null
        check (outcome in ('succeeded', 'failed', 'cancelled', 'skipped', 'interrupted', 'handed back')),
      reason text,
      exit_code ${t.integer},
      signal text,
      started_at ${t.integer} not null,
      finished_at ${t.integer} not null,
      primary key (run_id, attempt)
    ) ${t.keyed}`,

    // What the service that a delivery was forwarded to has said.
    `create table answers (
      run_id ${t.integer} not null references runs (id) on delete cascade,
      attempt ${t.integer} not null check (attempt > 0),
      status ${t.integer} not null check (status between 100 and 999),
      -- A list of pairs, as JSON.
      headers text not null,
      body ${t.bytes} not null,
      truncated ${t.integer} not null check (truncated in (0, 1)),
      primary key (run_id, attempt)
    ) ${t.strict}`,

    // In Markdown, as the run wrote it.
    `create table summaries (
      run_id ${t.integer} not null references runs (id) on delete cascade,
      attempt ${t.integer} not null check (attempt > 0),
      markdown text not null,
      primary key (run_id, attempt)
    ) ${t.strict}`,

    `create table annotations (
      run_id ${t.integer} not null references runs (id) on delete cascade,
      attempt ${t.integer} not null check (attempt > 0),
      seq ${t.integer} not null check (seq >= 0),
      level text not null check (level in ('error', 'warning', 'notice')),
      message text not null,
      title text,
      file text,
      line ${t.integer},
      end_line ${t.integer},
      col ${t.integer},
      end_column ${t.integer},
      primary key (run_id, attempt, seq)
    ) ${t.strict}`,

    // How the last run ended that had an outcome, so that a change is told of once.
    `create table hook_states (
      hook text not null,
      source text not null,
      repository text not null,
      ref text not null,
      status text not null check (status in ('succeeded', 'failed')),
      run_id ${t.integer} not null,
      primary key (hook, source, repository, ref)
    ) ${t.keyed}`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
