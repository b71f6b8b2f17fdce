/**
 * Tells workers on other connections, and other machines, that there is work: `NOTIFY` and `LISTEN`. That is only a wish to
 * be quick. Whoever hears nothing looks by itself, a few times a second.
 *
 * `NOTIFY` takes a lock of the whole database when its transaction ends, so it never stands in one that matters, and many
 * of them are joined. Behind a pooler that gives connections away by the transaction nothing is ever heard; that is found
 * out by saying something to oneself.
 */
import { randomUUID } from "node:crypto";
import type pg from "pg";

const CHANNEL = "longshore";
const JOIN_MS = 20;
/** For whoever cannot listen. */
const LOOK_EVERY_MS = 250;
const HEAR_WITHIN_MS = 2_000;
const MIN_PAUSE_MS = 250;
const MAX_PAUSE_MS = 30_000;

interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export class PostgresWatch {
  readonly #connect: () => pg.Client;
  readonly #pool: pg.Pool;
  readonly #log: Log;
  #client?: pg.Client;
  #isStarted = false;
  #hears = false;
  #hasHeard = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #pauseMs = MIN_PAUSE_MS;
  #retry?: NodeJS.Timeout;
  #announcing?: NodeJS.Timeout;
  #isClosed = false;

  constructor(connect: () => pg.Client, pool: pg.Pool, log: Log) {
    this.#connect = connect;
    this.#pool = pool;
    this.#log = log;
  }

  /** Listens from the first question on: who never asks needs no connection for it. */
  hasChanged(): boolean {
    if (!this.#isStarted) {
      this.#isStarted = true;
      void this.#listen();
    }
    const now = performance.now();
    const isTime = !this.#hears && now - this.#lookedAt >= LOOK_EVERY_MS;
    if (!this.#hasHeard && !isTime) return false;
    this.#hasHeard = false;
    this.#lookedAt = now;
    return true;
  }

  announce(): void {
    this.#announcing ??= setTimeout(() => {
      this.#announcing = undefined;
      // Who does not hear it looks by itself.
      void this.#pool.query(`notify ${CHANNEL}`).catch(() => {});
    }, JOIN_MS);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    if (this.#announcing) {
      clearTimeout(this.#announcing);
      await this.#pool.query(`notify ${CHANNEL}`).catch(() => {});
    }
    await this.#client?.end().catch(() => {});
  }

  async #listen(): Promise<void> {
    const client = this.#connect();
    this.#client = client;
    client.on("error", () => this.#lost(client));
    client.on("end", () => this.#lost(client));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      if (!(await hears(client, this.#pool))) return this.#stayDeaf(client);
      client.on("notification", () => {
        this.#hasHeard = true;
      });
      this.#hears = true;
      this.#hasHeard = true; // Something may have been said before.
      this.#pauseMs = MIN_PAUSE_MS;
    } catch {
      this.#lost(client);
    }
  }

  #stayDeaf(client: pg.Client): void {
    this.#client = undefined;
    void client.end().catch(() => {});
    this.#log.warn(
      {},
      `nothing is heard over LISTEN, as behind a pooler that gives connections away by the transaction; workers look every ${LOOK_EVERY_MS} ms instead`,
    );
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client || this.#isClosed) return;
    this.#client = undefined;
    this.#hears = false;
    this.#hasHeard = true;
    void client.end().catch(() => {});
    this.#retry = setTimeout(() => void this.#listen(), this.#pauseMs * (1 + Math.random())).unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, MAX_PAUSE_MS);
  }
}

/** Somebody else has to say it: what one says oneself comes with the answer, also from a pooler. */
async function hears(client: pg.Client, pool: pg.Pool): Promise<boolean> {
  const word = randomUUID();
  const heard = Promise.withResolvers<boolean>();
  const onNotification = ({ payload }: pg.Notification) => {
    if (payload === word) heard.resolve(true);
  };
  client.on("notification", onNotification);
  const timer = setTimeout(() => heard.resolve(false), HEAR_WITHIN_MS);
  try {
    await pool.query("select pg_notify($1, $2)", [CHANNEL, word]);
    return await heard.promise;
  } finally {
    clearTimeout(timer);
    client.off("notification", onNotification);
  }
}
