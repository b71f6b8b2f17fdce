/** Packs of many deliveries need no dictionary: see `packing.ts`. */
import type { Kysely } from "kysely";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>): Promise<void> {
  await db
    .insertInto("dictionaries")
    .values({ id: 0, bytes: Buffer.alloc(0) })
    .execute();
}
