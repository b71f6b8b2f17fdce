/** The last refused requests, for the owner who wonders why nothing arrives. What they say of themselves is unverified. */
import type { Database } from "./store.ts";
import { inTransaction } from "./transaction.ts";

export interface Refusal {
  /** Epoch milliseconds. */
  at: number;
  source: string | null;
  /** The code that the sender was answered. */
  code: string;
  /** The address that connected, or that a trusted proxy named. */
  peer: string | null;
  event: string | null;
  guid: string | null;
  webhookId: string | null;
}

/** One that is kept. */
export type KeptRefusal = Refusal & { id: number };

/** Older ones are forgotten: whoever is refused must not be able to fill the disk. */
export const MAX_REFUSALS = 1_000;

export async function keepRefusals(db: Database, refusals: readonly Refusal[]): Promise<void> {
  await inTransaction(db, async (tx) => {
    for (const { webhookId, ...refusal } of refusals) {
      await tx
        .insertInto("refusals")
        .values({ ...refusal, webhook_id: webhookId })
        .execute();
    }
    const oldest = await tx
      .selectFrom("refusals")
      .select("id")
      .orderBy("id", "desc")
      .offset(MAX_REFUSALS)
      .limit(1)
      .executeTakeFirst();
    if (oldest) await tx.deleteFrom("refusals").where("id", "<=", oldest.id).execute();
  });
}

/** Newest first. */
export async function listRefusals(db: Database, limit: number): Promise<KeptRefusal[]> {
  const rows = await db.selectFrom("refusals").selectAll().orderBy("id", "desc").limit(limit).execute();
  return rows.map(({ webhook_id, ...refusal }) => ({ ...refusal, webhookId: webhook_id }));
}
