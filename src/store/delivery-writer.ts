/**
 * The receiver's way into the store. Deliveries that come in while a commit is under way go into the next one
 * together, so that under load many share one wait for the disk, and alone none waits for another.
 *
 * With SQLite the packing and the commits happen on a thread of their own (`delivery-writer-thread.ts`): the receiver's
 * thread goes on answering while the disk is waited for.
 */
import { Worker } from "node:worker_threads";
import type { HookSet } from "../config/hook-set.ts";
import type { Acceptance, Arrival } from "./accept.ts";
import { GroupMemory, type SharedMemory } from "./group-memory.ts";
import { type ArrivalMessage, decodeResult, encodeArrival, type ResultMessage } from "./group-message.ts";
import type { Contents, Dictionary, Pack } from "./packing.ts";
import { MAX_REFUSALS, type Refusal } from "./refusals.ts";
import { MAX_ROWS } from "./rows.ts";
import { StoreUnavailable } from "./store-unavailable.ts";

/** A delivery as the receiver hands it over: small bodies as they are, large ones packed already. */
export interface ArrivalToStore {
  arrival: Arrival;
  contents: Contents | PackedContents;
  /** What judged it. */
  hookSet: HookSet;
}

export interface PackedContents {
  /** A pack of nothing else. */
  pack: Pack;
  /** SHA-256 of the body. */
  digest: Uint8Array;
}

export interface WriterOptions {
  database: string;
  /** Under this many free bytes on the disk nothing is stored. */
  minFreeDiskBytes: number;
  /** How many runs of one hook may wait: see `queue-limit.ts`. */
  maxQueued: number;
  /** Whether somebody else maintains the database while this writes. */
  maintainedElsewhere: boolean;
  /** How long a locked database is waited for. GitHub hangs up after ten seconds. */
  busyMs: number;
}

/** What the thread is started with. */
export interface ThreadData extends WriterOptions {
  memory: SharedMemory;
}

/**
 * What the thread is told. The small bodies of a group are in a part of the shared memory. One set of hooks has judged a
 * whole group, and is told only when it is another than the last group's.
 */
export type ToThread =
  | { kind: "group"; part: number; arrivals: ArrivalMessage[]; hookSet?: HookSet }
  | { kind: "refusals"; refusals: Refusal[] }
  | { kind: "forget"; source: string; liveSecrets: string[] }
  | { kind: "close" };

export type FromThread =
  | { kind: "ready"; dictionary: Dictionary }
  | { kind: "group"; part: number; results: ResultMessage[] }
  | { kind: "full"; hook: string }
  | { kind: "trouble"; message: string };

interface Log {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

interface Waiting extends ArrivalToStore {
  resolve: (acceptance: Acceptance) => void;
  reject: (error: Error) => void;
}

/** While the thread commits one group, the next one lies ready for it. */
const GROUPS_UNDER_WAY = 2;
/** So many that wait are sent before the end of the turn: then the thread does not idle while the rest is read. */
const ENOUGH = 24;
/** Large groups are split here, so that the thread's messages stay small. */
const MAX_GROUP_BYTES = 4 * 1024 ** 2;
const REFUSALS_EVERY_MS = 1_000;
const RESTART_AFTER_MS = 1_000;

export class DeliveryWriter {
  readonly #options: WriterOptions;
  readonly #log: Log;
  /**
   * The groups on their way to the thread, each at the number of its part of the memory. Not in a `Map`: one that is filled
   * and emptied without end leaves a chain of old tables behind, by which the garbage collector keeps what was in them.
   */
  readonly #underWay: (readonly Waiting[] | undefined)[] = [];
  #memory = GroupMemory.of(0, 0);
  #thread?: Worker;
  #dictionary?: Dictionary;
  /** The set that the thread was told last. */
  #toldSet?: HookSet;
  #ended: Promise<void> = Promise.resolve();
  #queue: Waiting[] = [];
  #refusals: Refusal[] = [];
  #refusalTimer?: NodeJS.Timeout;
  #isScheduled = false;
  #isClosing = false;
  /** Resolved when it closes and nothing is waiting any more. */
  readonly #drained = Promise.withResolvers<void>();

  private constructor(options: WriterOptions, log: Log) {
    this.#options = options;
    this.#log = log;
  }

  /** @throws when the database cannot be opened. */
  static async open(options: WriterOptions, log: Log): Promise<DeliveryWriter> {
    const writer = new DeliveryWriter(options, log);
    await writer.#start();
    return writer;
  }

  /** What bodies are packed with that somebody else packs. */
  get dictionary(): Dictionary {
    if (!this.#dictionary) throw new Error("the writer is not open");
    return this.#dictionary;
  }

  /**
   * Stores a delivery. When the promise resolves, it is on the disk.
   *
   * @throws {StoreUnavailable} when nothing is stored.
   * @throws {RangeError} when a body is so large that it ought to come packed.
   */
  accept(delivery: ArrivalToStore): Promise<Acceptance> {
    if ("body" in delivery.contents && delivery.contents.body.length > MAX_GROUP_BYTES)
      return Promise.reject(new RangeError("a body of this size is to be packed by whoever has it"));
    if (!this.#thread)
      return Promise.reject(new StoreUnavailable("the writer has died and is started again"));
    const { promise, resolve, reject } = Promise.withResolvers<Acceptance>();
    this.#queue.push({ ...delivery, resolve, reject });
    if (this.#queue.length < ENOUGH) this.#schedule();
    else this.#sendWaiting();
    return promise;
  }

  /** Keeps a refusal, soon. Of a flood only the last thousand are kept. */
  refuse(refusal: Refusal): void {
    this.#refusals.push(refusal);
    if (this.#refusals.length > MAX_REFUSALS) this.#refusals.shift();
    this.#refusalTimer ??= setTimeout(() => this.#sendRefusals(), REFUSALS_EVERY_MS).unref();
  }

  /** Forgets the bodies that were verified by secrets that are no longer live: nobody can send them again. */
  forgetBodies(source: string, liveSecrets: string[]): void {
    this.#post({ kind: "forget", source, liveSecrets });
  }

  /** Stores what is waiting and ends. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#refusalTimer);
    this.#sendRefusals();
    if (this.#queue.length + this.#countUnderWay() > 0) await this.#drained.promise;
    this.#post({ kind: "close" });
    await this.#ended;
  }

  /** Starts the thread, and again when it dies: until then deliveries are refused, which GitHub shows and can redeliver. */
  async #start(): Promise<void> {
    const memory = GroupMemory.of(GROUPS_UNDER_WAY, MAX_GROUP_BYTES);
    const thread = new Worker(new URL("./delivery-writer-thread.ts", import.meta.url), {
      workerData: { ...this.#options, memory: memory.shared } satisfies ThreadData,
    });
    const ready = Promise.withResolvers<void>();
    thread.on("message", (message: FromThread) => {
      if (message.kind !== "ready") return this.#onMessage(message);
      this.#dictionary = message.dictionary;
      this.#thread = thread;
      this.#toldSet = undefined;
      this.#memory = memory;
      if (this.#isClosing) this.#post({ kind: "close" });
      ready.resolve();
    });
    let reason = "the writer has ended";
    thread.on("error", (error) => {
      reason = error.message;
      ready.reject(error);
    });
    this.#ended = new Promise((resolve) => {
      thread.on("exit", () => {
        this.#onExit(reason);
        resolve();
      });
    });
    await ready.promise;
  }

  #onExit(reason: string): void {
    const wasReady = this.#thread !== undefined;
    this.#thread = undefined;
    const lost = [...this.#underWay.flatMap((waiting) => waiting ?? []), ...this.#queue];
    for (const { reject } of lost) reject(new StoreUnavailable(reason));
    this.#underWay.length = 0;
    this.#queue = [];
    if (this.#isClosing) this.#drained.resolve();
    if (this.#isClosing || !wasReady) return;
    this.#log.error({ reason }, "the writer has died; it is started again");
    this.#restartSoon();
  }

  #restartSoon(): void {
    setTimeout(() => {
      if (this.#isClosing) return;
      this.#start().catch((error: Error) => {
        this.#log.error({ err: error }, "the writer could not be started; tried again soon");
        this.#restartSoon();
      });
    }, RESTART_AFTER_MS).unref();
  }

  /** At the end of this turn of the event loop, so that what came in together goes together. */
  #schedule(): void {
    if (this.#isScheduled || this.#countUnderWay() >= GROUPS_UNDER_WAY) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#sendWaiting();
    });
  }

  #sendWaiting(): void {
    while (this.#queue.length > 0 && this.#countUnderWay() < GROUPS_UNDER_WAY) this.#sendGroup();
  }

  #sendGroup(): void {
    const waiting = this.#takeGroup();
    const bodies = waiting.flatMap(({ contents }) => ("body" in contents ? [contents.body] : []));
    const part = this.#memory.write(bodies);
    this.#underWay[part] = waiting;
    const judging = waiting[0]?.hookSet;
    const hookSet = judging === this.#toldSet ? undefined : judging;
    this.#toldSet = judging;
    this.#post({ kind: "group", part, arrivals: waiting.map(encodeArrival), hookSet });
  }

  #countUnderWay(): number {
    return this.#underWay.filter((waiting) => waiting !== undefined).length;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { arrival, hookSet } of this.#queue) {
      bytes += arrival.size;
      if (hookSet !== this.#queue[0]?.hookSet) break;
      if (count === MAX_ROWS || (count > 0 && bytes > MAX_GROUP_BYTES)) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  #onMessage(message: FromThread): void {
    if (message.kind === "group") this.#settle(message.part, message.results);
    else if (message.kind === "full")
      this.#log.warn({ hook: message.hook }, "the queue of a hook is full: its runs are cancelled");
    else if (message.kind === "trouble")
      this.#log.error({ reason: message.message }, "the store has a problem");
    this.#schedule();
  }

  #settle(part: number, results: readonly ResultMessage[]): void {
    const waiting = this.#underWay[part] ?? [];
    this.#underWay[part] = undefined;
    this.#memory.release(part);
    for (const [index, { resolve, reject }] of waiting.entries()) {
      const result = decodeResult(results[index] ?? "the writer gave no answer");
      if ("acceptance" in result) resolve(result.acceptance);
      else reject(new StoreUnavailable(result.failure));
    }
    if (this.#isClosing && this.#queue.length + this.#countUnderWay() === 0) this.#drained.resolve();
  }

  #sendRefusals(): void {
    this.#refusalTimer = undefined;
    if (this.#refusals.length > 0) this.#post({ kind: "refusals", refusals: this.#refusals });
    this.#refusals = [];
  }

  #post(message: ToThread): void {
    this.#thread?.postMessage(message);
  }
}
