/** Times as texts, in UTC. */
import { parseDuration } from "./quantity.ts";

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same, where there may be none. */
export function isoTimeOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : isoTime(ms);
}

/** `2026-11-24 08:00:00`. */
export function shortTime(ms: number): string {
  return isoTime(ms).slice(0, 19).replace("T", " ");
}

/** Epoch milliseconds of an ISO time, or of "2h" for two hours before `now`; `undefined` when it is neither. */
export function parseTime(text: string, now: number): number | undefined {
  const ago = parseDuration(text);
  const time = ago === undefined ? Date.parse(text) : now - ago;
  return Number.isNaN(time) ? undefined : time;
}
