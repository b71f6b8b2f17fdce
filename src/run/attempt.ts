/**
 * A run in a worker's hands, from the moment it was claimed to what is stored of this attempt: the run's end, another
 * attempt later, or that it is given back. `#make` tells the story.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Notification } from "../config/notify-schema.ts";
import { formatDuration } from "../lib/quantity.ts";
import type { Hook } from "../match/hook.ts";
import { type Change, isToldOf } from "../match/notification.ts";
import { isStorageFault } from "../store/faults.ts";
import { saveHighlights } from "../store/highlights.ts";
import { appendOutput } from "../store/output.ts";
import {
  decideEnding,
  finishRun,
  handBackRun,
  interruptRun,
  MAX_INTERRUPTIONS,
  retryRun,
} from "../store/run-ends.ts";
import type { ClaimedRun, Outcome } from "../store/run-queue.ts";
import type { Database } from "../store/store.ts";
import { outcomeBefore } from "./before.ts";
import { AttemptHighlights } from "./highlights.ts";
import { hookOnFailure, withFailureOf } from "./on-failure.ts";
import { failed, interrupted, LEASE_LOST } from "./outcome.ts";
import type { Stage } from "./perform.ts";
import { Recorder } from "./recorder.ts";
import { pauseBeforeRetry, retryOf } from "./retry.ts";

export interface AttemptParts {
  db: Database;
  /** A claimed run becomes an outcome. */
  perform(run: ClaimedRun, hook: Hook, stage: Stage): Promise<Outcome>;
  /** The name of the worker that has claimed the run. */
  worker: string;
  /** Who is told of what becomes of hooks. */
  notifications: readonly Notification[];
  log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

/** Why the worker stops an attempt of its own accord. */
export const HANDED_BACK = "the server stops";
type StopReason = typeof HANDED_BACK | typeof LEASE_LOST;

const PERSIST_AGAIN_AFTER_MS = 1_000;

export class Attempt {
  readonly run: ClaimedRun;
  readonly recorder: Recorder;
  /** On the clock of `performance.now()`. */
  readonly begunAt = performance.now();
  /** Settled when nothing of it is in hand any more. */
  readonly done: Promise<void>;
  readonly #highlights = new AttemptHighlights();
  readonly #hook: Hook;
  readonly #parts: AttemptParts;
  #stage = new AbortController();
  #stopped?: StopReason;

  constructor(run: ClaimedRun, hook: Hook, parts: AttemptParts) {
    this.run = run;
    this.recorder = new Recorder(run);
    this.#hook = hook;
    this.#parts = parts;
    this.done = this.#make();
  }

  /** What is being performed now: the hook's work, and after it perhaps its `on-failure`. Aborting it ends just that. */
  get stage(): AbortController {
    return this.#stage;
  }

  /** Ends it, whatever is being performed, and nothing more is begun. */
  stop(reason: StopReason): void {
    this.#stopped = reason;
    this.#stage.abort(reason);
  }

  async #make(): Promise<void> {
    const { run } = this;
    const { log } = this.#parts;
    log.info({ run: run.id, hook: run.hook, delivery: run.deliveryId, attempt: run.attempt }, "run started");
    try {
      const outcome = outcomeBefore(run, this.#hook) ?? (await this.#perform(this.#hook));
      if (this.#stopped) return await this.#giveBack();
      if (outcome.isInterrupted) return await this.#interrupt(outcome);
      const failures = run.failures + 1;
      const pause = run.ending ? undefined : pauseBeforeRetry(outcome, retryOf(this.#hook), failures);
      if (pause !== undefined) return await this.#retry(outcome, pause);
      const end = await this.#afterFailure(outcome);
      if (this.#stopped) return await this.#giveBack();
      if (end.isInterrupted) return await this.#interrupt(end);
      await this.#finish(end);
    } catch (error) {
      log.error({ err: error, run: run.id }, "a run could not be finished");
    }
  }

  /** A bug of ours, or a store that is gone: the run must still end, and say so. */
  async #perform(hook: Hook, ended?: Outcome): Promise<Outcome> {
    const { signal } = this.stage;
    const stage = { recorder: this.recorder, highlights: this.#highlights, signal, ended };
    try {
      return await this.#parts.perform(this.run, hook, stage);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (isStorageFault(error)) return interrupted(`the database could not be read: ${reason}`);
      return failed(`Longshore could not perform it: ${reason}`);
    }
  }

  /** What the hook does after a failure, if it says something. Returns how the run ends after it. */
  async #afterFailure(outcome: Outcome): Promise<Outcome> {
    const hook = hookOnFailure(this.#hook, outcome);
    // It may be what kills the workers.
    if (!hook || this.run.interruptions > MAX_INTERRUPTIONS) return outcome;
    const isOurs = await this.#persist(() => decideEnding(this.#parts.db, this.#held, outcome));
    if (!isOurs) this.stop(LEASE_LOST);
    this.#stage = new AbortController();
    if (this.#stopped) return outcome;
    this.recorder.note(`${outcome.status}; on-failure begins`);
    const after = await this.#perform(hook, outcome);
    return after.isInterrupted ? after : withFailureOf(outcome, after);
  }

  async #interrupt({ reason }: Outcome): Promise<void> {
    const { id, hook } = this.run;
    const wish = { reason: reason ?? "", now: Date.now() };
    await this.#store(
      () => interruptRun(this.#parts.db, this.#held, wish),
      () => this.#parts.log.warn({ run: id, hook, reason }, "run interrupted; it is tried again"),
    );
  }

  async #finish(outcome: Outcome): Promise<void> {
    const { status, exitCode, reason } = outcome;
    const { hook, id } = this.run;
    const notifiers = (change: Change) =>
      this.#parts.notifications.filter((one) => isToldOf(one, change, hook)).map((one) => one.hook.name);
    await this.#store(
      () => finishRun(this.#parts.db, this.#held, outcome, Date.now(), notifiers),
      () => this.#parts.log.info({ run: id, hook, status, exitCode, reason }, `run ${status}`),
    );
  }

  async #retry(outcome: Outcome, pauseMs: number): Promise<void> {
    const now = Date.now();
    const { exitCode, reason } = outcome;
    const { hook, id } = this.run;
    await this.#store(
      () => retryRun(this.#parts.db, this.#held, outcome, { dueAt: now + pauseMs, now }),
      () =>
        this.#parts.log.info(
          { run: id, hook, exitCode, reason, pauseMs },
          `run failed; it is tried again in ${formatDuration(pauseMs)}`,
        ),
    );
  }

  async #giveBack(): Promise<void> {
    const { id } = this.run;
    await this.#store(
      async () => this.#stopped === HANDED_BACK && handBackRun(this.#parts.db, this.#held, Date.now()),
      () => this.#parts.log.info({ run: id }, "run handed back; it starts again with the server"),
    );
  }

  async #store(write: () => Promise<boolean>, tell: () => void): Promise<void> {
    const rest = this.recorder.takeRest();
    if (rest.length > 0) await this.#persist(() => appendOutput(this.#parts.db, rest));
    const found = this.#highlights.found();
    if (found) await this.#persist(() => saveHighlights(this.#parts.db, this.run, found));
    if (await this.#persist(write)) return tell();
    const message = "the run is another worker's by now; what this attempt did is not counted";
    this.#parts.log.warn({ run: this.run.id }, message);
  }

  get #held() {
    return { ...this.run, worker: this.#parts.worker };
  }

  /** How a run ended must not be forgotten because the store is locked or full for a while: it would run again. */
  async #persist<T>(save: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await save();
      } catch (error) {
        this.#parts.log.error({ err: error }, "the end of a run could not be stored; it is tried again");
        await delay(PERSIST_AGAIN_AFTER_MS);
      }
    }
  }
}
