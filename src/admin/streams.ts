/** All streams that are open: who reads them, and that nobody goes on reading who may not any more. */
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { liveSessions } from "../store/sessions.ts";
import type { Database } from "../store/store.ts";
import { liveTokens } from "../store/tokens.ts";
import { ApiError } from "./api-error.ts";
import { EventQueue, type StreamEvent } from "./event-queue.ts";
import type { AdminEnv, Who } from "./parts.ts";

/** Proxies give up on what is silent. */
const KEEPALIVE_MS = 15_000;
const RETRY_MS = 2_000;
const MAX_STREAMS = 500;

/** Pushes events until it is told to stop; ends the stream when there is no more. */
export type Source = (push: (event: StreamEvent) => void, end: () => void) => () => void;

export class Streams {
  readonly #db: Database;
  readonly #open = new Set<{ who: Who; queue: EventQueue }>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws {ApiError} when there are too many. */
  start(c: Context<AdminEnv>, source: Source): Response {
    if (this.#open.size >= MAX_STREAMS)
      throw new ApiError("unavailable", "Too many streams are open.", { "Retry-After": "10" });
    const queue = new EventQueue();
    const entry = { who: c.get("who"), queue };
    this.#open.add(entry);
    // Proxies such as nginx would otherwise keep it until there is more.
    c.header("X-Accel-Buffering", "no");
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => queue.end());
      const stop = source(
        (event) => queue.push(event),
        () => queue.end(),
      );
      try {
        await stream.write(`retry: ${RETRY_MS}\n\n`);
        for (;;) {
          const event = await queue.next(KEEPALIVE_MS);
          if (event === "end" || stream.aborted) return;
          if (event) await stream.writeSSE(event);
          else await stream.write(": still there\n\n");
        }
      } finally {
        stop();
        this.#open.delete(entry);
      }
    });
  }

  /** Ends those whose session has ended or whose token was revoked. */
  async endForbidden(now: number): Promise<void> {
    const all = [...this.#open];
    const sessions = await liveSessions(
      this.#db,
      all.flatMap(({ who }) => who.sessionId ?? []),
      now,
    );
    const tokens = await liveTokens(
      this.#db,
      all.flatMap(({ who }) => who.tokenId ?? []),
    );
    for (const { who, queue } of all) {
      const { sessionId, tokenId } = who;
      const isLive =
        (sessionId === null || sessions.has(sessionId)) && (tokenId === null || tokens.has(tokenId));
      if (!isLive) queue.end();
    }
  }

  close(): void {
    for (const { queue } of this.#open) queue.end();
  }
}
