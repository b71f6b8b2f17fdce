/**
 * The worker: claims runs that are due, performs them, writes down how they ended. It meets the receiver only in the
 * database, and holds a lease on each run in its hands, so that another worker can take over when it is gone.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Retention } from "../config/retention-schema.ts";
import { isInOrder } from "../match/executable.ts";
import type { Hook } from "../match/hook.ts";
import { isStorageFault } from "../store/faults.ts";
import { appendOutput, type OutputPiece } from "../store/output.ts";
import { rescueRuns } from "../store/run-ends.ts";
import {
  type ClaimedRun,
  cancelledRuns,
  claimRuns,
  extendLeases,
  workersWithRuns,
} from "../store/run-queue.ts";
import type { Store } from "../store/store.ts";
import { Attempt, type AttemptParts, HANDED_BACK } from "./attempt.ts";
import { failOrphans } from "./orphans.ts";
import { Cancellation, LEASE_LOST } from "./outcome.ts";
import type { Elsewhere, LoadedHooks, Presence } from "./presence.ts";
import { Pruning } from "./pruning.ts";
import { isDeadWorker, newWorkerName } from "./worker-name.ts";

export interface WorkerParts extends Omit<AttemptParts, "db" | "worker"> {
  store: Store;
  hooks: LoadedHooks;
  /** The node that this worker belongs to. */
  presence: Presence;
  /** How many runs are performed at once. */
  concurrency: number;
  /** How long deliveries are kept. */
  retention: Retention;
}

const LOOK_EVERY_MS = 25;
/** Also without a sign of change: a run may have become due. */
const LOOK_AT_LEAST_EVERY_MS = 1_000;
const LEASE_MS = 15_000;
const EXTEND_EVERY_MS = 5_000;
/** Before the end of a lease that cannot be extended, so that nothing goes on when another worker begins. */
const LET_GO_BEFORE_MS = 2_000;
const LET_GO_EVERY_MS = 500;
const RESCUE_EVERY_MS = 5_000;
const STORE_OUTPUT_EVERY_MS = 250;
const MAINTAIN_EVERY_MS = 1_000;
const LOOK_WHETHER_TO_PRUNE_EVERY_MS = 1_000;
const LOOK_AROUND_EVERY_MS = 1_000;
const CANCEL_EVERY_MS = 500;
const TELL_AGAIN_AFTER_MS = 30_000;

export class Worker {
  /** Says where it runs, so that others on the same machine can see that it is gone. */
  readonly name = newWorkerName();
  readonly #parts: WorkerParts;
  readonly #pruning: Pruning;
  readonly #attempts = new Map<number, Attempt>();
  /** Nothing more is claimed. */
  readonly #stopping = new AbortController();
  /** Nothing is in hand any more. */
  readonly #ended = new AbortController();
  /** When the leases were extended last, on the clock of `performance.now()`, and of runs that have been claimed since. */
  #extendedAt = Number.NEGATIVE_INFINITY;
  #toldAt = Number.NEGATIVE_INFINITY;
  #turn = 0;
  #claiming?: Promise<void>;
  #loops: Promise<void>[] = [];
  #unsaved: OutputPiece[] = [];
  #elsewhere?: Elsewhere;
  #hasFreeHand = false;
  #handFreed = Promise.withResolvers<void>();

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#pruning = new Pruning({ ...parts, node: parts.presence.name });
  }

  /** Rescues what an earlier worker on this machine has left, and begins to work. */
  async start(): Promise<void> {
    await this.#rescue();
    // Before it claims anything: others may have runs in front of its own.
    await this.#lookAround();
    this.#loops = [
      this.#repeat(RESCUE_EVERY_MS, () => this.#rescue()),
      this.#repeat(EXTEND_EVERY_MS, () => this.#extend()),
      this.#repeat(LET_GO_EVERY_MS, async () => this.#letGo()),
      this.#repeat(STORE_OUTPUT_EVERY_MS, () => this.#storeOutput()),
      this.#repeat(LOOK_AROUND_EVERY_MS, () => this.#lookAround()),
      this.#repeat(CANCEL_EVERY_MS, () => this.#cancel()),
      this.#repeat(EXTEND_EVERY_MS, () => this.#pruning.keep()),
      this.#repeat(LOOK_WHETHER_TO_PRUNE_EVERY_MS, () => this.#pruning.look(this.#stopping.signal)),
      this.#repeat(MAINTAIN_EVERY_MS, async () => this.#parts.store.maintain()),
    ];
    this.#claiming = this.#claimLoop();
  }

  /**
   * Claims nothing more, lets the runs in hand finish, and hands back those that do not within `graceMs`.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#claiming; // What it has just claimed is in hand as well.
    const all = Promise.all([...this.#attempts.values()].map(({ done }) => done));
    const isLate = await Promise.race([all.then(() => false), delay(graceMs, true, { ref: false })]);
    if (isLate) for (const attempt of this.#attempts.values()) attempt.stop(HANDED_BACK);
    await all;
    this.#ended.abort();
    await Promise.all(this.#loops);
    await this.#storeOutput();
    await this.#guard(() => this.#pruning.leave());
    await this.#guard(() => this.#parts.presence.leave());
  }

  async #claimLoop(): Promise<void> {
    let lookedAt = 0;
    while (!this.#stopping.signal.aborted) {
      const isTime = performance.now() - lookedAt >= LOOK_AT_LEAST_EVERY_MS;
      const hasChanged = this.#parts.store.hasChanged();
      if (hasChanged || this.#hasFreeHand || isTime) {
        this.#hasFreeHand = false;
        lookedAt = performance.now();
        await this.#guard(() => this.#claim());
      }
      // Anew for each look: one that waited for days would remember every look that had waited for it.
      this.#handFreed = Promise.withResolvers();
      await Promise.race([delay(LOOK_EVERY_MS), this.#handFreed.promise]);
    }
  }

  /** Takes as many runs as there are hands free. */
  async #claim(): Promise<void> {
    const { store, concurrency } = this.#parts;
    const limit = concurrency - this.#attempts.size;
    if (limit <= 0 || this.#stopping.signal.aborted) return;
    const all = [...this.#parts.hooks.hooks, ...this.#notifying];
    const loaded = new Map(all.map((hook) => [hook.name, hook]));
    const { hooks: elsewhere = [], inOrder: theirs = [] } = this.#elsewhere ?? {};
    const inOrder = new Set([...all.filter(isInOrder).map(({ name }) => name), ...theirs]);
    const hooks = this.#inTurn([...loaded.keys()]);
    const runs = await claimRuns(store.db, {
      worker: this.name,
      hooks,
      elsewhere,
      inOrder,
      limit,
      now: Date.now(),
      leaseMs: LEASE_MS,
    });
    for (const run of runs) this.#begin(run, loaded.get(run.hook) as Hook);
  }

  /** Begins with another hook every time: that, with `claimRuns`, is the fairness. */
  #inTurn(hooks: readonly string[]): string[] {
    const first = this.#turn++ % Math.max(hooks.length, 1);
    return [...hooks.slice(first), ...hooks.slice(0, first)];
  }

  #begin(run: ClaimedRun, hook: Hook): void {
    const attempt = new Attempt(run, hook, { ...this.#parts, db: this.#parts.store.db, worker: this.name });
    this.#attempts.set(run.id, attempt);
    void attempt.done.then(() => this.#freeHand(run.id));
  }

  /** The next run starts at once, not with the next look. */
  #freeHand(run: number): void {
    this.#attempts.delete(run);
    this.#hasFreeHand = true;
    this.#handFreed.resolve();
  }

  async #extend(): Promise<void> {
    if (this.#attempts.size === 0) return;
    const askedAt = performance.now();
    const held = await extendLeases(this.#parts.store.db, this.name, Date.now() + LEASE_MS);
    this.#extendedAt = askedAt;
    for (const [id, attempt] of this.#attempts) if (!held.has(id)) attempt.stop(LEASE_LOST);
  }

  /** Ends what another worker may take over soon, because the database cannot be reached from here. */
  #letGo(): void {
    if (!this.#parts.store.isRemote) return;
    const now = performance.now();
    for (const attempt of this.#attempts.values()) {
      const heldSince = Math.max(this.#extendedAt, attempt.begunAt);
      if (now - heldSince > LEASE_MS - LET_GO_BEFORE_MS) attempt.stop(LEASE_LOST);
    }
  }

  /** Stops the runs that somebody wants to end. */
  async #cancel(): Promise<void> {
    // As they are before the question: what begins meanwhile is not what somebody wanted to end.
    const stages = new Map([...this.#attempts].map(([id, { stage }]) => [id, stage]));
    if (stages.size === 0) return;
    for (const [id, reason] of await cancelledRuns(this.#parts.store.db, this.name))
      stages.get(id)?.abort(new Cancellation(reason));
  }

  async #rescue(): Promise<void> {
    const { store, log } = this.#parts;
    // Our own leases first: when the whole machine has slept they are over, too, and yet nobody is gone.
    await this.#extend();
    const dead = (await workersWithRuns(store.db)).filter((name) => isDeadWorker(name, this.name));
    const count = await rescueRuns(store.db, Date.now(), dead);
    if (count > 0) log.warn({ runs: count }, "runs of a worker that is gone are tried again");
  }

  /** Says that it is there, looks who else is, and fails the runs that none of them will perform. */
  async #lookAround(): Promise<void> {
    const { presence, hooks } = this.#parts;
    await presence.tell(hooks, this.#notifying);
    this.#elsewhere = await presence.look();
    await failOrphans({ ...this.#parts, more: this.#notifying, elsewhere: this.#elsewhere });
  }

  /** What is performed to tell somebody, without a file. */
  get #notifying(): readonly Hook[] {
    return this.#parts.notifications.map(({ hook }) => hook);
  }

  /** The output of all runs together, so that many runs that print cost no more commits than one. */
  async #storeOutput(): Promise<void> {
    this.#unsaved.push(...[...this.#attempts.values()].flatMap(({ recorder }) => recorder.take()));
    if (this.#unsaved.length > 0) await appendOutput(this.#parts.store.db, this.#unsaved);
    this.#unsaved = [];
  }

  /** Also while the worker stops, for as long as there are runs in hand. */
  async #repeat(everyMs: number, action: () => Promise<void>): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await this.#guard(action);
      await delay(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#tell(error);
    }
  }

  /** A database that is gone for an hour would be told of a hundred thousand times. */
  #tell(error: unknown): void {
    const { log } = this.#parts;
    if (!isStorageFault(error)) return log.error({ err: error }, "the worker has a problem; it goes on");
    const now = performance.now();
    if (now - this.#toldAt < TELL_AGAIN_AFTER_MS) return;
    this.#toldAt = now;
    const reason = (error as Error).message;
    log.error({ reason }, "the worker cannot use the database; it tries again until it can");
  }
}
