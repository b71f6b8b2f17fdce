/** A stored delivery starts runs once more, because a person wants it. */
import type { RunGroup } from "../match/concurrency.ts";
import { startRuns } from "./new-runs.ts";
import type { Database } from "./store.ts";

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
  /** One for each hook, in the order of the hooks. */
  runs: { hook: string; run: number }[];
  /** Hooks of which a run for this delivery is not at its end yet: the same would happen twice at once. */
  busy: { hook: string; run: number }[];
}

export async function replayDelivery(db: Database, replay: Replay): Promise<Replayed> {
  const { delivery, hooks, pushedAt, force, askedBy, isDryRun = false, now } = replay;
  return db.transaction().execute(async (tx) => {
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
        );
    return {
      runs: free.map(({ hook }, index) => ({ hook, run: ids[index] ?? 0 })),
      busy: busy.map(({ id, hook }) => ({ hook, run: id })),
    };
  });
}
