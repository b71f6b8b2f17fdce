/** A stored delivery starts runs once more, because a person wants it. */
import type { RunGroup } from "../match/concurrency.ts";
import { startRuns } from "./new-runs.ts";
import { NO_LIMIT, type QueueLimit } from "./queue-limit.ts";
import type { Database } from "./store.ts";
import { inTransaction } from "./transaction.ts";

export interface Replay {
  delivery: number;
  /** `retryOf` is the run that is to be tried once more. */
  hooks: readonly { hook: string; group?: RunGroup; retryOf?: number }[];
  /** When GitHub took the push in; see `run-age.ts`. */
  pushedAt: number | null;
  /** Whether the runs are performed although newer ones have succeeded. */
  force: boolean;
  askedBy: string;
  /** Whether nothing is to be stored. */
  isDryRun?: boolean;
  now: number;
}

export interface Replayed {
  /** One for each hook, in the order of the hooks; `cancelled` says why one is at its end already. */
  runs: { hook: string; run: number; cancelled?: string }[];
  /** Hooks of which a run for this delivery is not at its end yet: the same would happen twice at once. */
  busy: { hook: string; run: number }[];
}

/** @param limit how many runs of a hook may wait; whoever replays many keeps it. */
export async function replayDelivery(
  db: Database,
  replay: Replay,
  limit: QueueLimit = NO_LIMIT,
): Promise<Replayed> {
  const { delivery, hooks, pushedAt, force, askedBy, isDryRun = false, now } = replay;
  return inTransaction(db, async (tx) => {
    const live = await tx
      .selectFrom("runs")
      .select(["id", "hook"])
      .where("delivery_id", "=", delivery)
      .where("status", "in", ["queued", "running"])
      .where("about_run", "is", null)
      .execute();
    const busy = live.filter(({ hook }) => hooks.some((wanted) => wanted.hook === hook));
    const free = hooks.filter(({ hook }) => !busy.some((run) => run.hook === hook));
    const ids = isDryRun
      ? free.map(() => 0)
      : await startRuns(
          tx,
          free.map((one) => ({ ...one, delivery, pushedAt, force, askedBy, now })),
          limit,
        );
    const cancelled = await cancelledAmong(tx, ids);
    return {
      runs: free.map(({ hook }, index) => {
        const run = ids[index] ?? 0;
        const reason = cancelled.get(run);
        return reason === undefined ? { hook, run } : { hook, run, cancelled: reason };
      }),
      busy: busy.map(({ id, hook }) => ({ hook, run: id })),
    };
  });
}

/** The reasons of those that are at their end already, because too many wait. */
async function cancelledAmong(tx: Database, runs: readonly number[]): Promise<Map<number, string>> {
  if (runs.length === 0) return new Map();
  const rows = await tx
    .selectFrom("runs")
    .select(["id", "reason"])
    .where("id", "in", [...runs])
    .where("status", "=", "cancelled")
    .execute();
  return new Map(rows.map(({ id, reason }) => [id, reason ?? ""]));
}
