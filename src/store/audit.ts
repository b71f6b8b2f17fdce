/** Who has changed what over the admin API, the newest first. */
import type { Page } from "./deliveries.ts";
import type { Database } from "./store.ts";

export interface Change {
  /** For people. */
  who: string;
  /** Such as `cancel run`. */
  action: string;
  /** What was changed: the number of a run, the name of a hook. */
  subject?: string;
  /** What else there is to say; it is kept as JSON. */
  details?: Record<string, unknown>;
}

export interface AuditEntry {
  id: number;
  /** Epoch milliseconds. */
  at: number;
  who: string;
  action: string;
  subject: string | null;
  details: Record<string, unknown>;
}

export async function noteChange(
  db: Database,
  { who, action, subject = undefined, details = {} }: Change,
  now: number,
): Promise<void> {
  await db
    .insertInto("audit")
    .values({ at: now, who, action, subject: subject ?? null, details: JSON.stringify(details) })
    .execute();
}

export async function listAudit(db: Database, { limit, after }: Page): Promise<AuditEntry[]> {
  const rows = await db
    .selectFrom("audit")
    .selectAll()
    .$if(after !== undefined, (query) => query.where("id", "<", after ?? 0))
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ details, ...row }) => ({ ...row, details: JSON.parse(details) }));
}
