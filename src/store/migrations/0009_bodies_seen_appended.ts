/** Digests of bodies in rows of many, in the order in which they came, instead of one by one in their own: see `seen-bodies.ts`. */
import { type Kysely, sql } from "kysely";
import type { SqlTypes } from "../migrate.ts";
import type { Tables } from "../tables.ts";

const AT_ONCE = 4_096;
const DIGEST_BYTES = 8;

export async function up(db: Kysely<Tables>, t: SqlTypes): Promise<void> {
  await sql.raw("alter table bodies_seen rename to bodies_seen_one_by_one").execute(db);
  await sql
    .raw(`create table bodies_seen (
      id ${t.id},
      source text not null,
      secret text not null,
      -- The first 8 bytes of the SHA-256 of each, one behind the other.
      digests ${t.bytes} not null
    ) ${t.strict}`)
    .execute(db);
  const owners = await sql<{ source: string; secret: string }>`
    select distinct source, secret from bodies_seen_one_by_one`.execute(db);
  for (const { source, secret } of owners.rows) await takeOver(db, source, secret);
  await sql.raw("drop table bodies_seen_one_by_one").execute(db);
}

async function takeOver(db: Kysely<Tables>, source: string, secret: string): Promise<void> {
  for (let after: Uint8Array = Buffer.alloc(0), isMore = true; isMore; ) {
    const { rows } = await sql<{ digest: Uint8Array }>`
      select digest from bodies_seen_one_by_one
      where source = ${source} and secret = ${secret} and digest > ${after}
      order by digest limit ${AT_ONCE}`.execute(db);
    const digests = Buffer.concat(rows.map(({ digest }) => digest.subarray(0, DIGEST_BYTES)));
    if (rows.length > 0) await db.insertInto("bodies_seen").values({ source, secret, digests }).execute();
    isMore = rows.length === AT_ONCE;
    after = rows.at(-1)?.digest ?? after;
  }
}
