/**
 * Waits for the runs of a delivery whose source says `respond: outcome`, so that GitHub's *Recent Deliveries* shows what
 * they printed. Few at once and not for long: GitHub hangs up after ten seconds, and counts that as a failure.
 */
import { setTimeout as delay } from "node:timers/promises";
import { readOutput } from "../store/output.ts";
import { endedRuns, type Run } from "../store/runs.ts";
import type { Database } from "../store/store.ts";

export interface RunOutcome {
  id: number;
  hook: string;
  status: Run["status"];
  reason: string | null;
  exitCode: number | null;
  /** The end of what the run printed, both streams in the order in which it came. */
  output: string;
}

export interface OutcomesOptions {
  maxWaiting?: number;
  /** From the moment the request came. */
  withinMs?: number;
}

const MAX_WAITING = 20;
const WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 50;
/** Of each run; GitHub shows answers in a small frame. */
const MAX_OUTPUT_BYTES = 64 * 1024;

export class Outcomes {
  readonly #db: Database;
  readonly #maxWaiting: number;
  readonly #withinMs: number;
  #waiting = 0;

  constructor(db: Database, { maxWaiting = MAX_WAITING, withinMs = WITHIN_MS }: OutcomesOptions = {}) {
    this.#db = db;
    this.#maxWaiting = maxWaiting;
    this.#withinMs = withinMs;
  }

  /**
   * How the runs have ended; `undefined` when that is not known in time, or too many wait already.
   *
   * @param receivedAt when the request came, in epoch milliseconds.
   * @param signal aborted when nobody waits for the answer any more.
   */
  async of(
    runs: readonly number[],
    receivedAt: number,
    signal: AbortSignal,
  ): Promise<RunOutcome[] | undefined> {
    if (this.#waiting >= this.#maxWaiting) return undefined;
    this.#waiting++;
    try {
      while (!signal.aborted && Date.now() < receivedAt + this.#withinMs) {
        const ended = await endedRuns(this.#db, runs);
        if (ended.length === runs.length) return await Promise.all(ended.map((run) => this.#toOutcome(run)));
        await delay(LOOK_EVERY_MS);
      }
      return undefined;
    } finally {
      this.#waiting--;
    }
  }

  async #toOutcome({ id, hook, status, reason, exitCode, attempt }: Run): Promise<RunOutcome> {
    const pieces = await readOutput(this.#db, id, attempt);
    const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
    const isCut = bytes.length > MAX_OUTPUT_BYTES;
    const text = bytes.subarray(-MAX_OUTPUT_BYTES).toString();
    return { id, hook, status, reason, exitCode, output: isCut ? `[…] ${text}` : text };
  }
}
