/** Queued runs of hooks that no worker has: they fail, because nobody would ever perform them. */
import type { Hook } from "../match/hook.ts";
import { failQueuedRuns, hooksWithQueuedRuns } from "../store/orphaned-runs.ts";
import type { Store } from "../store/store.ts";
import type { Elsewhere, LoadedHooks } from "./presence.ts";

interface OrphanParts {
  store: Store;
  hooks: LoadedHooks;
  /** Hooks without a file. */
  more: readonly Hook[];
  elsewhere: Elsewhere;
  log: { warn(fields: object, message: string): void };
}

/**
 * Fails the runs of hooks that are gone. Only those that were there before every node read its folder last: the receiver
 * may have found a new hook earlier than a worker. What only a worker has that may come back waits for it.
 */
export async function failOrphans({ store, hooks, more, elsewhere, log }: OrphanParts): Promise<void> {
  const dueBefore = Math.min(hooks.readAt, elsewhere.readAt);
  for (const hook of await hooksWithQueuedRuns(store.db)) {
    if (hooks.has(hook) || elsewhere.known.has(hook) || more.some(({ name }) => name === hook)) continue;
    const reason = hooks.whyGone(hook);
    const count = await failQueuedRuns(store.db, hook, { dueBefore, reason, now: Date.now() });
    if (count > 0) log.warn({ hook, runs: count }, "runs of a hook that is gone have failed");
  }
}
