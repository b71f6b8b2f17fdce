/** Which of two runs is for the older state of a branch. */

export interface Age {
  delivery_id: number;
  /** When the delivery came, in epoch milliseconds. */
  received_at: number;
  /** Epoch milliseconds, as GitHub says it of the push; `null` where it does not. */
  pushed_at: number | null;
}

/**
 * A push is older that GitHub took in earlier; where it does not say so, or took both in within a second, the delivery that
 * came earlier is.
 */
export function isOlder(run: Age, other: Age): boolean {
  const [mine, theirs] = [run.pushed_at, other.pushed_at];
  if (mine !== null && theirs !== null && mine !== theirs) return mine < theirs;
  // The number alone does not say it: of two receivers the one that was later may have been the first to store.
  if (run.received_at !== other.received_at) return run.received_at < other.received_at;
  return run.delivery_id < other.delivery_id;
}
