/** Hooks whose scripts note what they do, and what must be true of the notes whatever has happened to the servers. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Look } from "./look.ts";
import { isRunning } from "./processes.ts";
import type { Workplace } from "./server.ts";
import { until } from "./until.ts";

const GROUPS = {
  single: "concurrency: newest",
  max: "concurrency: { group: every, queue: max }",
  none: "",
  retried: "retry: { max-attempts: 3, backoff: 10ms }",
};

interface Line {
  what: string;
  run: number;
  attempt: number;
  pids: number[];
}

/** Hooks for pushes, each of another kind. */
export function writeTracedHooks({ folder, write }: Workplace): void {
  for (const name of Object.keys(GROUPS)) write(`hooks/${name}.yml`, hookText(folder, name));
}

/** A command that notes when another process of this name is at work. */
export function lockText(folder: string, name: string): string {
  return `exec 9> ${folder}/${name}.lock; flock -n 9 || echo "overlap $LONGSHORE_RUN $LONGSHORE_ATTEMPT" >> ${folder}/trace`;
}

function hookText(folder: string, name: string): string {
  return `on: push
stale: run
${GROUPS[name as keyof typeof GROUPS]}
run: |
  ${["single", "max"].includes(name) ? lockText(folder, name) : ""}
  echo "begin $LONGSHORE_RUN $LONGSHORE_ATTEMPT $$ $PPID" >> ${folder}/trace
  sleep 0.02
  ${name === "retried" ? "[ $((LONGSHORE_RUN % 2)) = 0 ] || [ $LONGSHORE_ATTEMPT -gt 1 ] || exit 1" : ""}
  echo "end $LONGSHORE_RUN $LONGSHORE_ATTEMPT" >> ${folder}/trace
`;
}

/** What the scripts have noted so far. */
export function readTrace({ folder }: Workplace): Line[] {
  const file = join(folder, "trace");
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  return lines.map((line) => {
    const [what = "", run, attempt, ...pids] = line.split(" ");
    return { what, run: Number(run), attempt: Number(attempt), pids: pids.map(Number) };
  });
}

/** Waits until every run is at its end: for as long as it goes on, however slowly. */
export async function untilAllHaveEnded({ store }: Look): Promise<void> {
  let waiting = Number.POSITIVE_INFINITY;
  while (waiting > 0)
    waiting = await until("fewer runs wait", async () => {
      const { left } = await store.db
        .selectFrom("runs")
        .select(({ fn }) => fn.countAll<number>().as("left"))
        .where("finished_at", "is", null)
        .executeTakeFirstOrThrow();
      return left < waiting ? { left } : undefined;
    }).then(({ left }) => left);
}

/**
 * Every delivery that was accepted is there, with a run of each hook; each run came to an end that it may come to, was
 * performed if it has succeeded, and not again afterwards; no two of a group were performed at once; no process is left.
 *
 * @param accepted the GUIDs of what was answered with 202.
 */
export async function checkNothingIsLost(
  place: Workplace,
  look: Look,
  accepted: readonly string[],
): Promise<void> {
  const deliveries = new Map((await look.deliveries()).map((delivery) => [delivery.guid, delivery]));
  const runs = new Map((await look.runs()).map((run) => [run.id, run]));
  const trace = readTrace(place);
  const ended = new Set(trace.filter(({ what }) => what === "end").map(({ run }) => run));
  for (const guid of accepted) {
    const delivery = deliveries.get(guid);
    assert.deepEqual(delivery?.runs.map(({ hook }) => hook).sort(), Object.keys(GROUPS).sort(), guid);
    for (const { id } of delivery?.runs ?? []) {
      const { status, reason } = runs.get(id) ?? assert.fail();
      if (status === "succeeded")
        assert.ok(ended.has(id), `run ${id} has succeeded, and was never performed`);
      else
        assert.match(
          `${status}: ${reason}`,
          /^cancelled: (superseded by|100 runs)|^failed: interrupted 3 times/,
        );
    }
  }
  for (const { run, attempt } of trace)
    assert.ok(attempt <= (runs.get(run)?.attempt ?? 0), `run ${run} was performed again after its end`);
  assert.deepEqual(
    trace.filter(({ what }) => what === "overlap"),
    [],
  );
  const pids = new Set(trace.flatMap((line) => line.pids));
  await until("no process is left over", () => ![...pids].some(isRunning));
}
