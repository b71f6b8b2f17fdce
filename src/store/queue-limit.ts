/**
 * How many runs of one hook may wait (`max-queued`), so that a hook that is slow, or switched off and forgotten, cannot
 * fill the disk, and so that what it is called for a day later is not a hundred thousand runs. A run that finds the
 * queue full is stored as cancelled; its delivery and the runs of other hooks are not concerned.
 *
 * Counting ten thousand rows takes half a millisecond, too long for every accept. So they are counted now and then: whoever
 * knows that there is room for a thousand need not ask again before a thousand are stored. Others may store runs at the
 * same time, so the limit is kept to about a hundredth.
 */
import { sql } from "kysely";
import type { RunGroup } from "../match/concurrency.ts";
import type { Database } from "./store.ts";

/** A full queue is looked at again after this long, or after a hundredth of it was turned away. */
const LOOK_AGAIN_AFTER_MS = 100;
const TELL_AGAIN_AFTER_MS = 60_000;
const SLACK = 0.01;

interface Lane {
  /** Runs that may be stored before it is counted again. */
  room: number;
  /** The same of runs that may be turned away. */
  refusals: number;
  lookedAt: number;
}

interface RunToStore {
  hook: string;
  group?: RunGroup;
}

export class QueueLimit {
  readonly #maxQueued: number;
  readonly #onFull: (hook: string) => void;
  readonly #lanes = new Map<string, Lane>();
  readonly #toldAt = new Map<string, number>();

  /** @param onFull is told of a hook whose queue is full, once a minute at most. */
  constructor(maxQueued: number, onFull: (hook: string) => void = () => {}) {
    this.#maxQueued = maxQueued;
    this.#onFull = onFull;
  }

  /** What is written into a run that was turned away. */
  get reason(): string {
    return `${this.#maxQueued} runs of this hook are waiting already (\`max-queued\`)`;
  }

  /** Of runs that are about to be stored, those that find the queue of their hook full. */
  async full<R extends RunToStore>(tx: Database, runs: readonly R[]): Promise<Set<R>> {
    const full = new Set<R>();
    if (this.#maxQueued === Number.POSITIVE_INFINITY) return full;
    const taken: R[] = [];
    for (const run of runs) {
      if (await this.#takes(tx, run, taken)) taken.push(run);
      else full.add(run);
    }
    return full;
  }

  /** @param others that are about to be stored with it. */
  async #takes(tx: Database, run: RunToStore, others: readonly RunToStore[]): Promise<boolean> {
    let lane = this.#lanes.get(run.hook);
    if (!lane || isOver(lane)) lane = await this.#look(tx, run.hook, others);
    if (lane.room > 0) {
      lane.room--;
      return true;
    }
    if (run.group?.queue === "single" && (await isAwaited(tx, run.group.name, others))) return true;
    lane.refusals--;
    return false;
  }

  async #look(tx: Database, hook: string, others: readonly RunToStore[]): Promise<Lane> {
    const slack = Math.floor(this.#maxQueued * SLACK);
    const alongside = others.filter((other) => other.hook === hook).length;
    const free = this.#maxQueued - alongside - (await countUpTo(tx, hook, this.#maxQueued));
    const lookedAt = performance.now();
    const lane =
      free > 0
        ? { room: Math.max(free, slack), refusals: 0, lookedAt }
        : { room: 0, refusals: slack, lookedAt };
    this.#lanes.set(hook, lane);
    if (free <= 0) this.#tell(hook);
    return lane;
  }

  #tell(hook: string): void {
    const now = performance.now();
    if (now - (this.#toldAt.get(hook) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_AFTER_MS) return;
    this.#toldAt.set(hook, now);
    this.#onFull(hook);
  }
}

/** For runs that nobody limits. */
export const NO_LIMIT = new QueueLimit(Number.POSITIVE_INFINITY);

function isOver({ room, refusals, lookedAt }: Lane): boolean {
  return room <= 0 && (refusals <= 0 || performance.now() - lookedAt > LOOK_AGAIN_AFTER_MS);
}

async function countUpTo(tx: Database, hook: string, limit: number): Promise<number> {
  const { runs } = await tx
    .selectFrom(
      tx
        .selectFrom("runs")
        .select("id")
        .where("hook", "=", hook)
        .where("status", "=", sql.lit("queued"))
        .limit(limit)
        .as("waiting"),
    )
    .select(({ fn }) => fn.countAll<number>().as("runs"))
    .executeTakeFirstOrThrow();
  return Number(runs);
}

/** Who takes the place of one that waits makes no queue longer, and the newest push has to end deployed. */
async function isAwaited(tx: Database, group: string, others: readonly RunToStore[]): Promise<boolean> {
  if (others.some((other) => other.group?.name === group)) return true;
  const waiting = await tx
    .selectFrom("runs")
    .select("id")
    .where("concurrency_group", "=", group)
    .where("status", "=", sql.lit("queued"))
    .limit(1)
    .executeTakeFirst();
  return waiting !== undefined;
}
