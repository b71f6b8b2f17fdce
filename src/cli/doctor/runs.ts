/** Whether runs are performed, and how they end. */
import { formatDuration } from "../../lib/quantity.ts";
import { countQueuedRuns, isAnyRunHeld, listRuns, waitingSince } from "../../store/runs.ts";
import type { Database } from "../../store/store.ts";
import { bad, type Check, type Finding, orGood, unknown, warning } from "./check.ts";

/** A worker with a free hand claims within milliseconds, and a dead one's runs are rescued within 20 seconds. */
const LONG_MS = 60_000;
/** With all workers at it. */
const VERY_LONG_MS = 3_600_000;
const LAST = 10;

export const queue: Check = {
  name: "queue",
  async examine({ store, hooks, now }) {
    if (!store) return [unknown("could not be checked without a database")];
    const findings: Finding[] = [];
    const waiting: number[] = [];
    for (const { name, disabled } of hooks.hooks) {
      if (!disabled) waiting.push((await waitingSince(store.db, name, now)) ?? now);
      const count = disabled ? await countQueuedRuns(store.db, name) : 0;
      if (count > 0)
        findings.push(
          warning(
            `${name} is disabled, and ${count} of its runs wait until it is enabled again`,
            `longshore hooks enable ${name} starts them; longshore runs cancel --hook ${name} --status queued ends them`,
          ),
        );
    }
    const longestMs = now - Math.min(now, ...waiting);
    const isHeld = await isAnyRunHeld(store.db, now);
    if (longestMs > LONG_MS && !isHeld)
      findings.push(
        bad(
          `runs have been waiting for ${formatDuration(longestMs)}, and nobody performs any`,
          "Is the server running, and not with `--only receiver` alone? longshore serve",
        ),
      );
    else if (longestMs > VERY_LONG_MS)
      findings.push(
        warning(
          `runs have been waiting for ${formatDuration(longestMs)} while others are performed`,
          "Raise `workers`, or let a hook's newer runs replace those that wait: `concurrency`",
        ),
      );
    return orGood(findings, "no run waits for long");
  },
};

export const failures: Check = {
  name: "failures",
  async examine({ store, hooks }) {
    if (!store) return [unknown("could not be checked without a database")];
    const findings: Finding[] = [];
    for (const { name } of hooks.hooks) findings.push(...(await failuresOf(store.db, name)));
    return orGood(findings, "every hook's last run came to a good end");
  },
};

/** Only where the last one failed: what has been repaired needs no remark. */
async function failuresOf(db: Database, hook: string): Promise<Finding[]> {
  const ended = (await listRuns(db, { hook }, { limit: LAST })).filter(
    ({ finishedAt }) => finishedAt !== null,
  );
  const [last] = ended;
  if (last?.status !== "failed") return [];
  const failed = ended.filter(({ status }) => status === "failed").length;
  const often = ended.length > 1 ? `, and ${failed} of its last ${ended.length}` : "";
  return [
    warning(
      `the last run of ${hook} has failed${often}`,
      `longshore runs logs ${last.id} shows what it printed`,
    ),
  ];
}
