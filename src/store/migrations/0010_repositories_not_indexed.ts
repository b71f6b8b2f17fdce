/** Takes away the index that cost every accept the most: see decision 24. */
import { type Kysely, sql } from "kysely";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>): Promise<void> {
  await sql.raw("drop index deliveries_by_repository").execute(db);
}
