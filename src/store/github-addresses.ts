/** GitHub's list of addresses, as one node has read it for all of them. */
import type { Database } from "./store.ts";

interface Addresses {
  /** The API that has said it. */
  apiUrl: string;
  etag?: string;
  /** ISO 8601. */
  checkedAt: string;
  hooks: string[];
}

/** What was kept last; `undefined` when this API has not answered yet. */
export async function readAddresses(db: Database, apiUrl: string): Promise<Addresses | undefined> {
  const row = await db
    .selectFrom("github_addresses")
    .selectAll()
    .where("api_url", "=", apiUrl)
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    apiUrl,
    ...(row.etag === null ? {} : { etag: row.etag }),
    checkedAt: new Date(row.checked_at).toISOString(),
    hooks: JSON.parse(row.ranges) as string[],
  };
}

export async function keepAddresses(db: Database, addresses: Addresses): Promise<void> {
  const { apiUrl: api_url, etag = null, checkedAt, hooks } = addresses;
  const said = { etag, checked_at: Date.parse(checkedAt), ranges: JSON.stringify(hooks) };
  await db
    .insertInto("github_addresses")
    .values({ api_url, ...said })
    .onConflict((conflict) => conflict.column("api_url").doUpdateSet(said))
    .execute();
}
