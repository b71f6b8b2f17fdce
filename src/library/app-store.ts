/**
 * The store of a receiver in somebody's app, and the worker that performs the listeners, both in the app's own process.
 * Loaded only where an app wants it: with it come the database and the worker.
 */
import { type HookSet, toHookSet } from "../config/hook-set.ts";
import { OWN_PACKAGE } from "../lib/own-package.ts";
import { Examiner } from "../receive/examine.ts";
import { keptHeaders } from "../receive/headers.ts";
import type { CheckedHead, VerifiedBody } from "../receive/verify.ts";
import { type LoadedHooks, Presence } from "../run/presence.ts";
import { Worker } from "../run/worker.ts";
import { newWorkerName } from "../run/worker-name.ts";
import type { Acceptance } from "../store/accept.ts";
import { DeliveryWriter } from "../store/delivery-writer.ts";
import type { Refusal } from "../store/refusals.ts";
import { openStore, type Store } from "../store/store.ts";
import type { Listeners } from "./listeners.ts";
import { type ListenerParts, performListener } from "./perform-listener.ts";
import type { StoreSettings } from "./store-options.ts";

export interface AppStoreParts extends Omit<ListenerParts, "db" | "listener"> {
  settings: StoreSettings;
  listeners: Listeners;
}

/** What has been found out about a request that is to be stored. */
export interface Verified extends VerifiedBody {
  head: CheckedHead;
  /** Names and values, in turns. */
  rawHeaders: readonly string[];
  /** Epoch milliseconds. */
  receivedAt: number;
  /** Whether its address says that it is GitHub. */
  isKnown: boolean;
}

const SOURCE = "github";
/** GitHub hangs up after ten seconds; before that it has to hear that nothing is stored. */
const BUSY_MS = 5_000;
/** Of one listener. */
const MAX_QUEUED = 10_000;
/** An app may add its listeners one by one while it starts: a run whose listener is not there yet is not lost. */
const ALL_ADDED_AFTER_MS = 60_000;

export class AppStore {
  readonly #parts: AppStoreParts;
  readonly #store: Store;
  readonly #writer: DeliveryWriter;
  readonly #examiner: Examiner;
  readonly #worker: Worker;
  #judging?: { set: HookSet; names: readonly string[] };

  private constructor(parts: AppStoreParts, store: Store, writer: DeliveryWriter) {
    this.#parts = parts;
    this.#store = store;
    this.#writer = writer;
    this.#examiner = new Examiner(writer.dictionary);
    this.#worker = toWorker(parts, store);
  }

  /** Opens the database, which is made where there is none, and begins with what an earlier process has left. */
  static async open(parts: AppStoreParts): Promise<AppStore> {
    const { database, minFreeDiskBytes } = parts.settings;
    const log = logOf(parts);
    const store = await openStore(database, { maintainedElsewhere: true, busyMs: BUSY_MS, log });
    const stops = [() => store.close()];
    try {
      const options = { database, minFreeDiskBytes, maxQueued: MAX_QUEUED, busyMs: BUSY_MS };
      const writer = await DeliveryWriter.open({ ...options, maintainedElsewhere: false }, log);
      stops.unshift(() => writer.close());
      const opened = new AppStore(parts, store, writer);
      await opened.#worker.start();
      return opened;
    } catch (error) {
      for (const stop of stops) await stop();
      throw error;
    }
  }

  /** When the promise resolves, the delivery and its runs are on the disk. */
  async accept({ head, body, secret, rawHeaders, receivedAt, isKnown }: Verified): Promise<Acceptance> {
    const { event, guid, webhookId, contentType, client } = head;
    const { set, names } = this.#judges();
    const size = body.length;
    const { examined, contents } = await this.#examiner.examine(
      { source: SOURCE, event, contentType, headers: keptHeaders(rawHeaders), bytes: body },
      set.hooks,
    );
    const { action, repository, ref, sha, sender, pushedAt } = examined.facts;
    const about = { event, action, repository, ref, sha, sender, pushedAt };
    return this.#writer.accept({
      arrival: {
        ...about,
        source: SOURCE,
        webhookId,
        guid,
        receivedAt,
        client: client.address,
        secret,
        size,
        hooks: examined.hooks,
        loadedHooks: names,
        holdReplays: this.#parts.settings.holdsReplays && !isKnown,
      },
      contents,
      hookSet: set,
    });
  }

  /** Keeps a refusal, soon. */
  refuse(refusal: Omit<Refusal, "source">): void {
    this.#writer.refuse({ ...refusal, source: SOURCE });
  }

  /** Stores what is under way, lets listeners finish for `graceMs`, and hands back the runs of those that do not. */
  async close(graceMs: number): Promise<void> {
    await this.#writer.close();
    await this.#worker.stop(graceMs);
    await this.#examiner.close();
    await this.#store.close();
  }

  /** The listeners as they are now; the same set until another one is added. */
  #judges(): { set: HookSet; names: readonly string[] } {
    const { hooks } = this.#parts.listeners;
    if (this.#judging?.set.hooks !== hooks)
      this.#judging = { set: toHookSet(hooks), names: hooks.map(({ name }) => name) };
    return this.#judging;
  }
}

function toWorker(parts: AppStoreParts, store: Store): Worker {
  const { settings, listeners } = parts;
  const node = {
    name: newWorkerName(),
    roles: ["receiver", "worker"],
    version: OWN_PACKAGE.version,
    hooksFolder: process.cwd(),
    startedAt: Date.now(),
  };
  const listener = (name: string) => listeners.named(name);
  return new Worker({
    // The writer's thread maintains the database: on this one the whole app would wait for it.
    store: { ...store, maintain() {} },
    perform: (run, hook, stage) => performListener(run, hook, stage, { ...parts, db: store.db, listener }),
    hooks: loadedHooks(listeners),
    presence: new Presence(store.db, node),
    concurrency: settings.workers,
    retention: { ageMs: settings.retentionMs, sizeBytes: null },
    notifications: [],
    log: logOf(parts),
  });
}

function loadedHooks(listeners: Listeners): LoadedHooks {
  const startedAt = Date.now();
  const has = (name: string) => listeners.hooks.some((hook) => hook.name === name);
  return {
    get hooks() {
      return listeners.hooks;
    },
    get names() {
      return listeners.hooks.map(({ name }) => name);
    },
    get readAt() {
      return Date.now();
    },
    has: (name) => has(name) || Date.now() - startedAt < ALL_ADDED_AFTER_MS,
    whyGone: (name) => `the listener ${name} is gone: the app has none of this name`,
  };
}

/** What an app wants to hear of. That runs start and end well it sees by itself. */
function logOf({ onError }: Pick<AppStoreParts, "onError">) {
  return {
    info() {},
    warn: (_: object, message: string) => process.emitWarning(`longshore: ${message}`),
    error: ({ err, reason }: { err?: unknown; reason?: unknown }, message: string) =>
      onError(err ?? new Error(reason === undefined ? message : `${message}: ${reason}`), {}),
  };
}
