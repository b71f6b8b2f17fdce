/**
 * What the server tells by itself: deliveries that arrive, runs that change, hooks that do. Pages need no code for it:
 * what they have asked for is asked again when something of it has changed.
 */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { apiUrl } from "./request.ts";

export type LiveState = "connecting" | "live" | "lost";

/** Many things can change at once; lists are asked for again at most this often. */
const REFRESH_EVERY_MS = 400;
/** The overview adds up whole days. */
const OVERVIEW_EVERY_MS = 1_000;
/** A browser gives up when it is answered with an error, as by a proxy whose server starts anew. */
const RECONNECT_AFTER_MS = 2_000;

let state: LiveState = "connecting";
const listeners = new Set<() => void>();

function tell(next: LiveState): void {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Keeps the stream open for as long as somebody is signed in. */
export function useLiveUpdates(): void {
  const client = useQueryClient();
  useEffect(() => {
    const stream = new LiveStream(client);
    stream.open();
    return () => stream.close();
  }, [client]);
}

interface Changed {
  id: number;
  deliveryId?: number;
}

class LiveStream {
  readonly #client: QueryClient;
  readonly #waiting = new Set<string>();
  #source?: EventSource;
  #retry?: ReturnType<typeof setTimeout>;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  open(): void {
    const source = new EventSource(apiUrl("/events"));
    this.#source = source;
    source.addEventListener("ready", () => {
      // What has happened while there was no stream.
      if (state === "lost") void this.#client.invalidateQueries();
      tell("live");
    });
    source.addEventListener("error", () => this.#onError(source));
    source.addEventListener("delivery", () => this.#refreshLists());
    source.addEventListener("run", ({ data }: MessageEvent<string>) =>
      this.#onRun(JSON.parse(data) as Changed),
    );
    source.addEventListener("hooks", () => this.#later(["hooks"], REFRESH_EVERY_MS));
    source.addEventListener("reset", () => void this.#client.invalidateQueries());
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    tell("connecting");
  }

  #onError(source: EventSource): void {
    tell("lost");
    // Otherwise the browser tries again by itself, and says where it was.
    if (source.readyState !== EventSource.CLOSED) return;
    void this.#client.invalidateQueries({ queryKey: ["session"] });
    this.#retry = setTimeout(() => this.open(), RECONNECT_AFTER_MS);
  }

  #onRun({ id, deliveryId = 0 }: Changed): void {
    this.#refreshLists();
    this.#later(["run", id], REFRESH_EVERY_MS / 2);
    this.#later(["delivery", deliveryId], REFRESH_EVERY_MS);
    this.#later(["hooks"], OVERVIEW_EVERY_MS);
  }

  #refreshLists(): void {
    this.#later(["deliveries"], REFRESH_EVERY_MS);
    this.#later(["runs"], REFRESH_EVERY_MS);
    this.#later(["overview"], OVERVIEW_EVERY_MS);
  }

  #later(key: readonly (string | number)[], afterMs: number): void {
    const name = key.join("/");
    if (this.#waiting.has(name)) return;
    this.#waiting.add(name);
    setTimeout(() => {
      this.#waiting.delete(name);
      void this.#client.invalidateQueries({ queryKey: key });
    }, afterMs);
  }
}
