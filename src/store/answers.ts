/** What the services have said that deliveries were forwarded to: one answer for each attempt that got one. */
import type { HeaderList } from "./packing.ts";
import type { Database } from "./store.ts";

export interface Answer {
  attempt: number;
  status: number;
  /** In the order in which they came. */
  headers: HeaderList;
  body: Uint8Array;
  /** Whether there was more of the body. */
  isTruncated: boolean;
}

/** Keeps the answer to an attempt. A second one to the same attempt is not possible, and would be left out. */
export async function saveAnswer(db: Database, run: number, answer: Answer): Promise<void> {
  const { attempt, status, headers, body, isTruncated } = answer;
  await db
    .insertInto("answers")
    .values({
      run_id: run,
      attempt,
      status,
      headers: JSON.stringify(headers),
      body,
      truncated: isTruncated ? 1 : 0,
    })
    .onConflict((conflict) => conflict.columns(["run_id", "attempt"]).doNothing())
    .execute();
}

/** The newest answer to a run's attempts. */
export async function findLastAnswer(db: Database, run: number): Promise<Answer | undefined> {
  const row = await db
    .selectFrom("answers")
    .selectAll()
    .where("run_id", "=", run)
    .orderBy("attempt", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const { attempt, status, body } = row;
  return { attempt, status, headers: JSON.parse(row.headers), body, isTruncated: row.truncated === 1 };
}
