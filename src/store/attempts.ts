/** The attempts of a run, as people look at them. */
import type { Run } from "./runs.ts";
import type { Database } from "./store.ts";
import type { Tables } from "./tables.ts";

export interface Attempt {
  attempt: number;
  /** `running` while it is being made. */
  outcome: Tables["attempts"]["outcome"] | "running";
  reason: string | null;
  exitCode: number | null;
  signal: string | null;
  /** Epoch milliseconds. */
  startedAt: number;
  finishedAt: number | null;
}

/** In their order, the one that is being made included. */
export async function listAttempts(db: Database, run: Run): Promise<Attempt[]> {
  const rows = await db
    .selectFrom("attempts")
    .selectAll()
    .where("run_id", "=", run.id)
    .orderBy("attempt")
    .execute();
  const earlier = rows.map((row) => ({
    attempt: row.attempt,
    outcome: row.outcome,
    reason: row.reason,
    exitCode: row.exit_code,
    signal: row.signal,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  }));
  const last = lastOf(run);
  return last && !earlier.some(({ attempt }) => attempt === last.attempt) ? [...earlier, last] : earlier;
}

/** What the run itself says, unless it waits: then its last attempt has been put aside already. */
function lastOf({ status, attempt, startedAt, ...run }: Run): Attempt | undefined {
  if (attempt === 0 || startedAt === null || status === "queued") return undefined;
  const { reason, exitCode, signal, finishedAt } = run;
  return { attempt, outcome: status, reason, exitCode, signal, startedAt, finishedAt };
}
