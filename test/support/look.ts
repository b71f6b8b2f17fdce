/** A look into a workplace's database, beside its server, without a process of its own for every look. */
import { join } from "node:path";
import { type Delivery, listDeliveries } from "../../src/store/deliveries.ts";
import { readOutput } from "../../src/store/output.ts";
import { findRun, listRuns, type Run } from "../../src/store/runs.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import type { Answer } from "./http.ts";
import type { Workplace } from "./server.ts";
import type { Scope } from "./temporary.ts";
import { until } from "./until.ts";

export interface Look {
  store: Store;
  /** The oldest first. */
  deliveries(): Promise<Delivery[]>;
  /** The oldest first. */
  runs(): Promise<Run[]>;
  /** Waits until a run has this status. */
  reached(run: number | undefined, status: Run["status"]): Promise<Run>;
  /** Waits until a run has ended, however. */
  ended(run: number | undefined): Promise<Run>;
  /** All that the last attempt of a run has printed. */
  output(run: number | undefined): Promise<string>;
}

const ALL = { limit: 10_000 };

export async function lookInto(t: Scope, place: Workplace): Promise<Look> {
  const store = await openStore(
    place.environment.LONGSHORE_DATABASE ?? join(place.folder, "data", "longshore.db"),
  );
  t.after(() => store.close());
  const find = (run = 0) => findRun(store.db, run);
  const waitFor = (run: number | undefined, what: string, isReached: (found: Run) => boolean) => {
    let found: Run | undefined;
    return until(
      () => `run ${run} is ${what}; it is ${JSON.stringify(found)}`,
      async () => {
        found = await find(run);
        return found !== undefined && isReached(found) && found;
      },
    );
  };
  return {
    store,
    deliveries: async () => (await listDeliveries(store.db, {}, ALL)).reverse(),
    runs: async () => (await listRuns(store.db, {}, ALL)).reverse(),
    reached: (run, status) => waitFor(run, status, (found) => found.status === status),
    ended: (run) => waitFor(run, "at its end", (found) => found.finishedAt !== null),
    async output(run = 0) {
      const pieces = await readOutput(store.db, run, (await find(run))?.attempt ?? 0);
      return Buffer.concat(pieces.map(({ bytes }) => bytes)).toString();
    },
  };
}

/** The runs that an answer says were started. */
export function runsOf({ status, json }: Answer): number[] {
  if (typeof json !== "object" || json === null || !("runs" in json))
    throw new Error(`the answer, ${status}, names no runs`);
  return json.runs as number[];
}
