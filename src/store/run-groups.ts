/**
 * Which runs of a group may wait, settled in the transaction that stores a new one. Under `queue: single` only those of
 * the newest delivery wait, so that the newest push always ends deployed; under `queue: max` up to {@link MAX_WAITING}.
 * https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
 */
import { sql } from "kysely";
import type { RunGroup } from "../match/concurrency.ts";
import { endQueued } from "./queued-runs.ts";
import { type Age, isOlder } from "./run-age.ts";
import type { Database } from "./store.ts";

/** As in Actions. */
export const MAX_WAITING = 100;

interface Live extends Age {
  id: number;
}

/** @param newcomer the delivery whose run has just been stored, and when. */
export async function settleGroup(
  tx: Database,
  group: RunGroup,
  newcomer: { delivery: number; now: number },
): Promise<void> {
  const { now } = newcomer;
  const waiting = await runsIn(tx, group.name, "queued");
  const newest = newestOf(waiting);
  if (!newest) return;
  if (group.queue === "max") {
    const excess = waiting.slice(MAX_WAITING).map(({ id }) => id);
    await endQueued(tx, excess, `${MAX_WAITING} runs of its group are waiting already`, now);
    return;
  }
  // Two hooks for one delivery can share a group: neither makes the other superfluous.
  const replaced = waiting.filter(({ delivery_id }) => delivery_id !== newest.delivery_id);
  const reason = `superseded by run ${newest.id}`;
  await endQueued(
    tx,
    replaced.map(({ id }) => id),
    reason,
    now,
  );
  if (group.cancelsRunning && newest.delivery_id === newcomer.delivery)
    await cancelRunning(tx, group.name, newest, reason);
}

/** The oldest number first. Those of which only `on-failure` is left are past all that. */
function runsIn(tx: Database, name: string, status: "queued" | "running"): Promise<Live[]> {
  return tx
    .selectFrom("runs")
    .innerJoin("deliveries", "deliveries.id", "runs.delivery_id")
    .select(["runs.id", "delivery_id", "pushed_at", "received_at"])
    .where("concurrency_group", "=", name)
    .where("status", "=", sql.lit(status))
    .where("ending", "is", null)
    .orderBy("runs.id")
    .execute();
}

function newestOf(waiting: readonly Live[]): Live | undefined {
  const [first, ...others] = waiting;
  if (!first) return;
  return others.reduce((newest, run) => (isOlder(run, newest) ? newest : run), first);
}

/** Whoever performs it looks for this, and stops. */
async function cancelRunning(tx: Database, name: string, newest: Live, reason: string): Promise<void> {
  const [running] = await runsIn(tx, name, "running");
  if (!running || running.delivery_id === newest.delivery_id || !isOlder(running, newest)) return;
  await tx
    .updateTable("runs")
    .set({ cancel_reason: reason })
    .where("id", "=", running.id)
    .where("cancel_reason", "is", null)
    .execute();
}
