/** Groups of runs, of which one at most is performed at a time, and what is needed to see that a run comes too late. */
import { type Kysely, sql } from "kysely";
import type { SqlTypes } from "../migrate.ts";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>, t: SqlTypes): Promise<void> {
  const statements = [
    `alter table runs add column concurrency_group text`,
    `alter table runs add column queue text check (queue in ('single', 'max'))`,
    // When GitHub took the push in, as it says; null where the delivery does not say it.
    `alter table runs add column pushed_at ${t.integer}`,
    // Whether it is performed although its hook has succeeded for a newer push.
    `alter table runs add column forced ${t.integer} not null default 0 check (forced in (0, 1))`,
    // Why whoever performs it is to stop.
    `alter table runs add column cancel_reason text`,
    // No bug and no second worker can have two of a group performed at once.
    `create unique index one_running on runs (concurrency_group)
      where status = 'running' and concurrency_group is not null`,
    `create index live_in_group on runs (concurrency_group, id)
      where status in ('queued', 'running') and concurrency_group is not null`,

    // The lane of a hook, with all that tells whether a run of it has to wait.
    `drop index queued_lane`,
    `create index queued_lane on runs (hook, due_at, id, concurrency_group, delivery_id) where status = 'queued'`,

    `alter table last_successes add column run_id ${t.integer}`,
    `alter table last_successes add column delivery_id ${t.integer}`,
    `alter table last_successes add column received_at ${t.integer}`,
    `alter table last_successes add column pushed_at ${t.integer}`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
