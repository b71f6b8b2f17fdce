/**
 * The handler processes of a worker. One that has ended a run well is kept warm for the next one of the same code, since
 * a new one takes a quarter of a second; each performs one run at a time, so that a run has a process of its own.
 */
import type { HandlerCode } from "../../match/hook.ts";
import { type Account, becomeAccount, ofSettings, ownAccount } from "../account.ts";
import type { Spawner } from "../spawner.ts";
import { Handler, LOAD_WITHIN_MS } from "./handler.ts";
import type { FromHandler, HandlerRefusal } from "./messages.ts";

interface Idle {
  handler: Handler;
  file: string;
  version: string;
  timer: NodeJS.Timeout;
}

export interface HandlerPoolOptions {
  /** How many wait for a run, at most. Each takes about 50 MB. */
  maxIdle: number;
  /** One that waits for longer is ended. */
  idleMs?: number;
  /** The account that files are read under, whose code runs then: only afterwards it is known what a file says. */
  user?: string | undefined;
  /** Whether they are read under the server's own account where `user` cannot be had. */
  orOwn?: boolean;
  /** A file that takes longer to load is given up. */
  loadWithinMs?: number;
}

const IDLE_MS = 5 * 60_000;

export class HandlerPool {
  readonly #spawner: Spawner;
  readonly #maxIdle: number;
  readonly #idleMs: number;
  readonly #user: string | undefined;
  readonly #orOwn: boolean;
  readonly #loadWithinMs: number;
  /** The one that has waited longest first. */
  #idle: Idle[] = [];

  constructor(
    spawner: Spawner,
    { maxIdle, idleMs = IDLE_MS, user, orOwn = false, loadWithinMs = LOAD_WITHIN_MS }: HandlerPoolOptions,
  ) {
    this.#spawner = spawner;
    this.#maxIdle = maxIdle;
    this.#idleMs = idleMs;
    this.#user = user;
    this.#orOwn = orOwn;
    this.#loadWithinMs = loadWithinMs;
  }

  /** Reads a handler file anew. Its process is kept for the first run. */
  async read(file: string): Promise<Extract<FromHandler, { kind: "loaded" }> | HandlerRefusal> {
    const account = await this.#reader();
    if ("problem" in account) return { message: account.problem, imports: [] };
    const handler = new Handler(this.#spawner, account, this.#loadWithinMs);
    const answer = await handler.load(file);
    if (!answer || !("code" in answer)) return answer ?? { message: "it is loaded already", imports: [] };
    const { version } = answer.code;
    this.#retire((idle) => idle.file === file && idle.version !== version);
    this.giveBack(handler, file, version);
    return answer;
  }

  /** A warm process of this code under this account, or a new one that has not loaded it yet. */
  take(code: HandlerCode, account: Account): Handler {
    // The one that was used last: the others may end when their time has come.
    const index = this.#idle.findLastIndex(
      (idle) =>
        idle.version === code.version && idle.handler.isAlive && isSame(idle.handler.account, account),
    );
    const [warm] = index === -1 ? [] : this.#idle.splice(index, 1);
    if (!warm) return new Handler(this.#spawner, account, this.#loadWithinMs);
    clearTimeout(warm.timer);
    return warm.handler;
  }

  /** Keeps a process for the next run, if it still lives. */
  giveBack(handler: Handler, file: string, version: string): void {
    if (!handler.isAlive) return;
    const idle: Idle = {
      handler,
      file,
      version,
      timer: setTimeout(() => this.#retire((one) => one === idle), this.#idleMs).unref(),
    };
    this.#idle.push(idle);
    const surplus = this.#idle.slice(0, Math.max(0, this.#idle.length - this.#maxIdle));
    this.#retire((one) => surplus.includes(one));
  }

  /** Ends the processes that wait. */
  async close(): Promise<void> {
    const all = this.#idle.map(({ handler }) => handler);
    this.#retire(() => true);
    await Promise.all(all.map(({ exit }) => exit));
  }

  async #reader(): Promise<Account | { problem: string }> {
    const account = await becomeAccount(
      this.#user === undefined ? undefined : ofSettings(this.#user),
      this.#spawner,
    );
    return "problem" in account && this.#orOwn ? ownAccount() : account;
  }

  #retire(isMeant: (idle: Idle) => boolean): void {
    const meant = this.#idle.filter(isMeant);
    this.#idle = this.#idle.filter((idle) => !meant.includes(idle));
    for (const { handler, timer } of meant) {
      clearTimeout(timer);
      void handler.end();
    }
  }
}

/** The same rights and the same variables. */
function isSame(one: Account, other: Account): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
