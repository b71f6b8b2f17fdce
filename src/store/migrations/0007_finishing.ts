/** What finishing a run needs to be quick. */
import { type Kysely, sql } from "kysely";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>): Promise<void> {
  // So that one statement writes how a run has ended, and says how the one before it did.
  await sql
    .raw("alter table hook_states add column previous text check (previous in ('succeeded', 'failed'))")
    .execute(db);
}
