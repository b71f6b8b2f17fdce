/**
 * What the server tells by itself: deliveries that arrive, runs that change. Pages need no code for it, because what they
 * have asked for is asked again when something of it has changed.
 */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { apiUrl } from "./request.ts";

export type LiveState = "connecting" | "live" | "lost";

/** Many things can change at once; lists are asked for again at most this often. */
const REFRESH_EVERY_MS = 400;
/** The overview adds up whole days. */
const OVERVIEW_EVERY_MS = 3_000;
/** A browser gives up when it is answered with an error, as by a proxy whose server starts anew. */
const RECONNECT_AFTER_MS = 3_000;

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
    const refresh = throttled(client);
    let source: EventSource;
    let lastId = "";
    let retry: ReturnType<typeof setTimeout>;
    const open = () => {
      source = new EventSource(apiUrl("/events", { "last-event-id": lastId }));
      source.onopen = () => {
        // What has happened while there was no stream.
        if (state === "lost") void client.invalidateQueries();
        tell("live");
      };
      source.onerror = () => {
        tell("lost");
        if (source.readyState !== EventSource.CLOSED) return;
        void client.invalidateQueries({ queryKey: ["session"] });
        retry = setTimeout(open, RECONNECT_AFTER_MS);
      };
      for (const name of ["delivery", "run"] as const)
        source.addEventListener(name, (event: MessageEvent<string>) => {
          lastId = event.lastEventId;
          refresh(name, JSON.parse(event.data) as Changed);
        });
    };
    open();
    return () => {
      clearTimeout(retry);
      source.close();
      tell("connecting");
    };
  }, [client]);
}

interface Changed {
  id: number;
  deliveryId?: number;
}

function throttled(client: QueryClient): (what: "delivery" | "run", changed: Changed) => void {
  const waiting = new Set<string>();
  const later = (key: readonly (string | number)[], afterMs: number) => {
    const name = key.join("/");
    if (waiting.has(name)) return;
    waiting.add(name);
    setTimeout(() => {
      waiting.delete(name);
      void client.invalidateQueries({ queryKey: key });
    }, afterMs);
  };
  return (what, { id, deliveryId = id }) => {
    later(["deliveries"], REFRESH_EVERY_MS);
    later(["overview"], OVERVIEW_EVERY_MS);
    if (what === "delivery") return;
    later(["runs"], REFRESH_EVERY_MS);
    later(["run", id], REFRESH_EVERY_MS / 2);
    later(["delivery", deliveryId], REFRESH_EVERY_MS);
  };
}
