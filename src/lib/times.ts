/** Times as texts, in UTC. */

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
