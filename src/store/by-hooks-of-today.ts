/** A stored delivery starts the runs of the hooks of today once more; a run that has ended is tried once more. */
import { enabledHook, groupFor, type LoadedHooks } from "../config/hook-named.ts";
import { UserError } from "../config/problem.ts";
import type { RunGroup } from "../match/concurrency.ts";
import { inOrderOfRuns } from "../match/executable.ts";
import type { Hook } from "../match/hook.ts";
import { type Incoming, judge } from "../match/match.ts";
import type { Facts } from "../match/payload.ts";
import type { Delivery } from "./deliveries.ts";
import type { QueueLimit } from "./queue-limit.ts";
import { type Replayed, replayDelivery } from "./replay.ts";
import type { Run } from "./runs.ts";
import type { Database } from "./store.ts";
import { requireDelivery, toIncoming } from "./stored-delivery.ts";
import type { RunStatus } from "./tables.ts";

/** How a person wants it. */
export interface Wish {
  /** Also where the hook has succeeded for a newer push. */
  force?: boolean;
  /** Only to be told what would run. */
  isDryRun?: boolean;
  askedBy: string;
}

interface ReplayWish extends Wish {
  /** Only this hook. */
  hook?: string;
  /** Whether the hook runs whatever its filters say: so a person approves what came from a fork. */
  isApproved?: boolean;
  /** Only hooks whose last run for the delivery has this status. */
  status?: RunStatus;
}

/** What became of the wish to try a run once more. */
export interface Retried {
  run: Run;
  /** The number of the new one; `null` in a dry run, and where there is none. */
  retriedBy: number | null;
  /** Why there is none. */
  problem: string | null;
}

interface Planned {
  hook: string;
  group?: RunGroup;
}

/**
 * @param limit how many runs of a hook may wait; whoever replays many keeps it.
 * @throws {UserError} when the delivery, or the hook that is approved, is not there, or the hook is disabled.
 */
export async function replayByHooks(
  db: Database,
  today: LoadedHooks,
  delivery: Delivery,
  { hook, isApproved = false, status, force = false, isDryRun = false, askedBy }: ReplayWish,
  limit: QueueLimit,
): Promise<Replayed> {
  const { incoming, facts } = toIncoming(await requireDelivery(db, delivery.id));
  const planned =
    isApproved && hook !== undefined
      ? [{ hook, group: groupFor(enabledHook(today, hook), incoming, facts) }]
      : matching(incoming, facts, today.hooks).filter((one) => hook === undefined || one.hook === hook);
  const hooks = planned.filter((one) => status === undefined || lastStatus(delivery, one.hook) === status);
  const { pushedAt } = facts;
  const plan = { delivery: delivery.id, hooks, pushedAt, force, askedBy, isDryRun, now: Date.now() };
  return replayDelivery(db, plan, limit);
}

/** Tries a run that has ended once more, by a new run of its hook as it is today. */
export async function retryRun(
  db: Database,
  today: LoadedHooks,
  run: Run,
  { force = false, isDryRun = false, askedBy }: Wish,
  limit: QueueLimit,
): Promise<Retried> {
  const no = (problem: string): Retried => ({ run, retriedBy: null, problem });
  if (run.finishedAt === null) return no("it has not ended yet");
  try {
    const hook = enabledHook(today, run.hook);
    const { incoming, facts } = toIncoming(await requireDelivery(db, run.deliveryId));
    const hooks = [{ hook: run.hook, group: groupFor(hook, incoming, facts), retryOf: run.id }];
    const { pushedAt } = facts;
    const plan = { delivery: run.deliveryId, hooks, pushedAt, force, askedBy, isDryRun, now: Date.now() };
    const { runs, busy } = await replayDelivery(db, plan, limit);
    if (busy[0]) return no(`run ${busy[0].run} is at it still`);
    const { cancelled } = runs[0] ?? {};
    if (cancelled !== undefined) return no(cancelled);
    return { run, retriedBy: isDryRun ? null : (runs[0]?.run ?? null), problem: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return no(error.message);
  }
}

function lastStatus({ runs }: Delivery, hook: string): string | undefined {
  return runs.findLast((run) => run.hook === hook)?.status;
}

function matching(incoming: Incoming, facts: Facts, hooks: readonly Hook[]): Planned[] {
  const verdicts = judge(incoming, facts, hooks).filter(({ matches }) => matches);
  const groups = new Map(verdicts.map(({ hook, group }) => [hook, group]));
  return inOrderOfRuns([...groups.keys()], incoming.event, facts).map((hook) => ({
    hook,
    group: groups.get(hook),
  }));
}
