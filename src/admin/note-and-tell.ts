/** After a change: it is written down, workers hear of it, and whoever watches. */
import { type Change, noteChange } from "../store/audit.ts";
import type { AdminParts } from "./parts.ts";

export async function noteAndTell(
  { store, changes, log }: Pick<AdminParts, "store" | "changes" | "log">,
  change: Change,
): Promise<void> {
  await noteChange(store.db, change, Date.now());
  store.announce();
  changes.nudge();
  log.info({ ...change }, "changed over the admin API");
}
