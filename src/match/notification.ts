/** Which notifications a change of a hook's state is for. */
import { compiled } from "./filters.ts";
import { includes } from "./pattern.ts";

/** What became of a hook on one branch, compared with the run before. */
export type Change = "failed" | "recovered";

/** @param wanted by a notification; its `hooks` are patterns of names, absent: all. */
export function isToldOf(
  wanted: { changes: readonly Change[]; hooks?: readonly string[] },
  change: Change,
  hook: string,
): boolean {
  return (
    wanted.changes.includes(change) &&
    (wanted.hooks === undefined || includes(wanted.hooks.map(compiled), hook))
  );
}
