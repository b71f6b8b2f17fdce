/**
 * What a verified body is about, and for which hooks. A large body would stop the receiver for hundreds of
 * milliseconds, so it is examined, hashed and packed on a thread of its own (`examine-thread.ts`).
 */
import { Worker } from "node:worker_threads";
import { BodyInvalid } from "../match/body.ts";
import type { RunGroup } from "../match/concurrency.ts";
import { inOrderOfRuns } from "../match/executable.ts";
import type { Hook } from "../match/hook.ts";
import { type IncomingBody, judgeBody } from "../match/judge-body.ts";
import type { Facts } from "../match/payload.ts";
import type { ArrivalToStore } from "../store/delivery-writer.ts";
import type { Dictionary, HeaderList } from "../store/packing.ts";

export interface Body extends Omit<IncomingBody, "body"> {
  headers: HeaderList;
  bytes: Buffer;
}

export interface Examined {
  facts: Facts;
  /** The names of the hooks that match, in the order of their runs. */
  hooks: string[];
  /** The groups of their runs, by the hook's name, where there are any. */
  groups?: Record<string, RunGroup>;
}

/** What the thread is given. Hooks come before the first body that they are to judge. */
export type ToExaminer =
  | { hooks: readonly Hook[] }
  | { id: number; body: Omit<Body, "bytes">; bytes: Uint8Array };

export type FromExaminer =
  | { id: number; examined: Examined; contents: ArrivalToStore["contents"] }
  | { id: number; invalid: string }
  | { id: number; failure: string };

const LARGE_BYTES = 1024 ** 2;
const IDLE_MS = 30_000;

/** @throws {BodyInvalid} when the body is no JSON object. */
export function examine(incoming: IncomingBody, loaded: readonly Hook[]): Examined {
  const { facts, verdicts } = judgeBody(incoming, loaded);
  const matching = verdicts.filter(({ matches }) => matches);
  const hooks = inOrderOfRuns(
    matching.map(({ hook }) => hook),
    incoming.event,
    facts,
  );
  const groups = matching.flatMap(({ hook, group }) => (group ? [[hook, group] as const] : []));
  return { facts, hooks, ...(groups.length > 0 ? { groups: Object.fromEntries(groups) } : {}) };
}

/** Examines small bodies at once and large ones elsewhere. */
export class Examiner {
  readonly #dictionary: Dictionary;
  readonly #waiting = new Map<
    number,
    PromiseWithResolvers<{ examined: Examined; contents: ArrivalToStore["contents"] }>
  >();
  #thread?: Worker;
  #threadHooks?: readonly Hook[];
  #idle?: NodeJS.Timeout;
  #nextId = 0;

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  /** @throws {BodyInvalid} when the body is no JSON object. */
  async examine(
    body: Body,
    hooks: readonly Hook[],
  ): Promise<{ examined: Examined; contents: ArrivalToStore["contents"] }> {
    const { headers, bytes } = body;
    if (bytes.length > LARGE_BYTES) return this.#examineElsewhere(body, hooks);
    return { examined: examine({ ...body, body: bytes }, hooks), contents: { headers, body: bytes } };
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#thread?.terminate();
  }

  #examineElsewhere({ bytes, ...body }: Body, hooks: readonly Hook[]) {
    clearTimeout(this.#idle);
    this.#thread ??= this.#start();
    if (this.#threadHooks !== hooks) {
      this.#thread.postMessage({ hooks } satisfies ToExaminer);
      this.#threadHooks = hooks;
    }
    const id = this.#nextId++;
    const answer = Promise.withResolvers<{ examined: Examined; contents: ArrivalToStore["contents"] }>();
    this.#waiting.set(id, answer);
    // Handed over, not copied: nobody here looks at the bytes any more.
    this.#thread.postMessage({ id, body, bytes } satisfies ToExaminer, [bytes.buffer as ArrayBuffer]);
    return answer.promise;
  }

  #start(): Worker {
    const thread = new Worker(new URL("./examine-thread.ts", import.meta.url), {
      workerData: this.#dictionary,
    });
    thread.unref();
    thread.on("message", (message: FromExaminer) => this.#settle(message));
    const lose = (error: Error) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#threadHooks = undefined;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    thread.on("error", lose);
    thread.on("exit", () => lose(new Error("the examiner has ended")));
    return thread;
  }

  #settle(message: FromExaminer): void {
    const answer = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("invalid" in message) answer?.reject(new BodyInvalid(message.invalid));
    else if ("failure" in message) answer?.reject(new Error(message.failure));
    else answer?.resolve({ examined: message.examined, contents: message.contents });
    // An idle thread is let go, and with it the memory that a large body has left behind.
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#letGo(), IDLE_MS).unref();
  }

  /** Forgotten first: a body that comes while the thread is ending must start a new one. */
  #letGo(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#threadHooks = undefined;
    void thread?.terminate();
  }
}
