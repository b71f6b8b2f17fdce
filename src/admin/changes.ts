/**
 * Tells those who watch what is new: deliveries, runs that have changed, hooks that have. One look serves them all, however
 * many they are, and nobody looks while nobody watches.
 *
 * On PostgreSQL a row with a lower number may be there later than one with a higher: numbers are given when rows are
 * written, and seen when they are committed. So each look begins some seconds back, and what was told already is left out.
 */
import { deliveryToJson, runToJson } from "../store/as-json.ts";
import { deliveriesAbove, newestIds, runsToLookAt } from "../store/changes.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { Run } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { StreamEvent } from "./event-queue.ts";

type Watcher = (event: StreamEvent) => void;

/** Where somebody stands: `delivery.run.time`, all below which is known. */
interface Position {
  delivery: number;
  run: number;
  at: number;
}

/** How long a commit may take after its numbers were given. */
const OVERLAP_MS = 5_000;
/** What is more at once is not told one by one. */
const MAX_AT_ONCE = 500;
/** Lists are not looked at again more often than this. */
const QUIET_AFTER_RESET_MS = 2_000;
const MAX_KNOWN = 5_000;
const POSITION = /^(\d{1,16})\.(\d{1,16})\.(\d{1,16})$/;

export class Changes {
  readonly #store: Store;
  readonly #watchers = new Set<Watcher>();
  /** As each run was told last. */
  readonly #known = new Map<number, string>();
  /** The deliveries that were told lately, with the time. */
  readonly #told = new Map<number, number>();
  #running: readonly number[] = [];
  #position?: Position;
  #isNudged = false;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * @param lastEventId where somebody goes on who has watched before.
   * @returns what ends it.
   */
  watch(watcher: Watcher, lastEventId: string | undefined): () => void {
    let isOver = false;
    void this.#begin(watcher, lastEventId, () => isOver).catch(() => {
      // Whoever asks again in a moment finds the database there, or hears why not.
      watcher({ event: "reset", data: "{}" });
    });
    return () => {
      isOver = true;
      this.#watchers.delete(watcher);
    };
  }

  /** Says that something was changed here, which a database does not tell whoever changes it. */
  nudge(): void {
    this.#isNudged = true;
  }

  hooksChanged(): void {
    for (const watcher of this.#watchers) watcher({ event: "hooks", data: "{}" });
  }

  /** Looks once. */
  async look(): Promise<void> {
    if (this.#watchers.size === 0) this.#position = undefined;
    const before = this.#position;
    if (!before || performance.now() < this.#quietUntil) return;
    // SQLite tells whether anybody has written. PostgreSQL tells only of runs that wait.
    const hasChanged = this.#store.hasChanged();
    if (!this.#store.isRemote && !hasChanged && !this.#isNudged) return;
    this.#isNudged = false;
    const now = Date.now();
    const deliveries = await deliveriesAbove(this.#store.db, before.delivery, MAX_AT_ONCE);
    const runs = await this.#runsAfter(before);
    if (deliveries.length === MAX_AT_ONCE || runs.length >= MAX_AT_ONCE) return this.#startAnew(now);
    const events = [
      ...deliveries.filter(({ id }) => !this.#told.has(id)).map(deliveryEvent),
      ...runs.filter((run) => this.#known.get(run.id) !== stateOf(run)).map(runEvent),
    ];
    const after = this.#advance(before, deliveries, runs, now);
    this.#tell(events, before, after);
  }

  async #begin(watcher: Watcher, lastEventId: string | undefined, isOver: () => boolean): Promise<void> {
    // Watched first: what comes meanwhile is told twice rather than not at all.
    this.#watchers.add(watcher);
    const now = await this.#now();
    this.#position ??= now;
    const from = positionIn(lastEventId);
    if (from) await this.#catchUp(watcher, from);
    if (!isOver()) watcher({ event: "ready", id: idOf(now), data: "{}" });
  }

  async #catchUp(watcher: Watcher, from: Position): Promise<void> {
    const deliveries = await deliveriesAbove(this.#store.db, from.delivery, MAX_AT_ONCE);
    const runs = await runsToLookAt(
      this.#store.db,
      { above: from.run, endedSince: from.at - OVERLAP_MS, ids: [] },
      MAX_AT_ONCE,
    );
    if (deliveries.length === MAX_AT_ONCE || runs.length >= MAX_AT_ONCE)
      return watcher({ event: "reset", data: "{}" });
    for (const event of [...deliveries.map(deliveryEvent), ...runs.map(runEvent)])
      watcher({ ...event, id: idOf(from) });
  }

  #runsAfter({ run, at }: Position): Promise<Run[]> {
    return runsToLookAt(
      this.#store.db,
      { above: run, endedSince: at - OVERLAP_MS, ids: this.#running },
      MAX_AT_ONCE,
    );
  }

  /** Too much has happened to be told: whoever watches looks at the lists again. */
  async #startAnew(now: number): Promise<void> {
    this.#position = await this.#now(now);
    this.#quietUntil = performance.now() + QUIET_AFTER_RESET_MS;
    const event = { event: "reset", id: idOf(this.#position), data: "{}" };
    for (const watcher of this.#watchers) watcher(event);
  }

  async #now(at = Date.now()): Promise<Position> {
    return { ...(await newestIds(this.#store.db)), at };
  }

  #advance(before: Position, deliveries: readonly Delivery[], runs: readonly Run[], now: number): Position {
    for (const { id } of deliveries) if (!this.#told.has(id)) this.#told.set(id, now);
    for (const run of runs) {
      this.#known.delete(run.id);
      this.#known.set(run.id, stateOf(run));
    }
    for (const id of this.#known.keys())
      if (this.#known.size > MAX_KNOWN) this.#known.delete(id);
      else break;
    this.#running = runs.filter(({ status }) => status === "running").map(({ id }) => id);
    const overlapMs = this.#store.isRemote ? OVERLAP_MS : 0;
    let { delivery } = before;
    for (const [id, at] of this.#told)
      if (now - at >= overlapMs) {
        delivery = Math.max(delivery, id);
        this.#told.delete(id);
      }
    const settled = runs.filter(({ queuedAt }) => now - queuedAt >= overlapMs);
    return { delivery, run: Math.max(before.run, ...settled.map(({ id }) => id)), at: now };
  }

  /** Only with the last of them is all known up to the new position. */
  #tell(events: readonly StreamEvent[], before: Position, after: Position): void {
    this.#position = after;
    events.forEach((event, index) => {
      const id = idOf(index === events.length - 1 ? after : before);
      for (const watcher of this.#watchers) watcher({ ...event, id });
    });
  }
}

function deliveryEvent(delivery: Delivery): StreamEvent {
  return { event: "delivery", data: JSON.stringify(deliveryToJson(delivery)) };
}

function runEvent(run: Run): StreamEvent {
  return { event: "run", data: JSON.stringify(runToJson(run)) };
}

function stateOf({ status, attempt, startedAt, finishedAt, dueAt, cancelReason }: Run): string {
  return [status, attempt, startedAt, finishedAt, dueAt, cancelReason].join(" ");
}

function idOf({ delivery, run, at }: Position): string {
  return `${delivery}.${run}.${at}`;
}

function positionIn(text: string | undefined): Position | undefined {
  const [, delivery, run, at] = POSITION.exec(text ?? "") ?? [];
  return delivery === undefined
    ? undefined
    : { delivery: Number(delivery), run: Number(run), at: Number(at) };
}
