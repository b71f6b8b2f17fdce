/** What pruning needs to find its way. */
import { type Kysely, sql } from "kysely";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>): Promise<void> {
  // Whether a delivery refers to a set of hooks still. New deliveries go to its end, which costs an accept nothing that
  // could be measured; without it the removal of a set would walk all deliveries while nobody else can write.
  await sql.raw("create index deliveries_by_hook_set on deliveries (hook_set_id)").execute(db);
}
