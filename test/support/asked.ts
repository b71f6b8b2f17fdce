/** All that is asked of a store while it serves, and should cost the same in a large one as in a small one. */
import { acceptGroup } from "../../src/store/accept.ts";
import { pageOfDeliveries, pageOfRuns } from "../../src/store/bounded-list.ts";
import { deliveriesAbove, runsToLookAt } from "../../src/store/changes.ts";
import { lastEndedRun, timesOfEndedRuns } from "../../src/store/counts.ts";
import { findDelivery, lastDeliveriesOf, listDeliveries, readContents } from "../../src/store/deliveries.ts";
import { disableHook, enableHook } from "../../src/store/disabled-hooks.ts";
import { findJudges } from "../../src/store/hook-sets.ts";
import { lastSuccess } from "../../src/store/last-successes.ts";
import { failQueuedRuns, hooksWithQueuedRuns } from "../../src/store/orphaned-runs.ts";
import { appendOutput, readOutput } from "../../src/store/output.ts";
import { prune } from "../../src/store/prune.ts";
import { finishRun, rescueRuns } from "../../src/store/run-ends.ts";
import { claimRuns, extendLeases, hasDueRuns, workersWithRuns } from "../../src/store/run-queue.ts";
import {
  countQueuedRuns,
  countRunningRuns,
  findRun,
  isAnyRunHeld,
  listRuns,
  retriesOf,
  waitingSince,
} from "../../src/store/runs.ts";
import type { Database } from "../../src/store/store.ts";
import type { TestStore } from "./store.ts";

export const PAGE = { limit: 50 };
const HELD = {
  id: 1,
  deliveryId: 1,
  hook: "deploy",
  attempt: 1,
  pushedAt: null,
  newerRun: null,
  worker: "w1",
};
const OUTPUT = { runId: 1, attempt: 1, seq: 0, stream: "stdout", at: 1, bytes: Buffer.from("x") } as const;

/** What is asked of a database with a million deliveries as of one with ten. */
export const QUICK: [what: string, ask: (db: Database, store: TestStore) => Promise<unknown>][] = [
  [
    "accepting a group",
    (db, { arrival }) => acceptGroup(db, [arrival({ hooks: ["deploy", "ci"] }), arrival()]),
  ],
  [
    "accepting a duplicate",
    (db, { arrival }) => acceptGroup(db, [arrival({ guid: "g" }), arrival({ guid: "g" })]),
  ],
  [
    "accepting a replay",
    (db, { arrival }) => acceptGroup(db, [arrival({ body: "b" }), arrival({ body: "b" })]),
  ],
  [
    "claiming",
    (db) => claimRuns(db, { worker: "w1", hooks: ["deploy", "ci"], limit: 4, now: 9_000, leaseMs: 1 }),
  ],
  ["looking for hooks with queued runs", (db) => hooksWithQueuedRuns(db)],
  [
    "failing the runs of a hook that is gone",
    (db) => failQueuedRuns(db, "deploy", { dueBefore: 9_000, reason: "gone", now: 9_000 }),
  ],
  ["looking for due runs", (db) => hasDueRuns(db, ["deploy", "ci"], 9_000)],
  [
    "finishing",
    (db) => finishRun(db, HELD, { status: "failed", exitCode: 1, signal: null, reason: null }, 9_000),
  ],
  ["a delivery", (db) => findDelivery(db, 1)],
  ["a delivery's contents", (db) => readContents(db, 1)],
  ["a run", (db) => findRun(db, 1)],
  ["a run's output", (db) => readOutput(db, 1, 1)],
  ["storing output", (db) => appendOutput(db, [OUTPUT])],
  ["a page of deliveries of a repository", (db) => pageOfDeliveries(db, { repository: "acme/site" }, PAGE)],
  [
    "the next page of deliveries of a repository",
    (db) => pageOfDeliveries(db, { repository: "acme/site" }, { ...PAGE, after: 9 }),
  ],
  ["deliveries by GUID", (db) => listDeliveries(db, { guid: "g" }, PAGE)],
  ["deliveries that a hook ran for last", (db) => lastDeliveriesOf(db, "deploy", 50)],
  ["a hook's queued runs", (db) => countQueuedRuns(db, "deploy")],
  ["since when a hook's runs wait", (db) => waitingSince(db, "deploy", 9_000)],
  ["what judged a delivery", (db) => findJudges(db, 1)],
  ["disabling a hook", (db) => disableHook(db, "deploy", 1)],
  ["enabling a hook", (db) => enableHook(db, "deploy")],
  ["runs of a delivery", (db) => listRuns(db, { delivery: 1 }, PAGE)],
  ["a page of runs of a repository", (db) => pageOfRuns(db, { repository: "acme/site" }, PAGE)],
  ["runs of a hook", (db) => listRuns(db, { hook: "deploy" }, PAGE)],
  [
    "a page of deliveries of a sender",
    (db) => pageOfDeliveries(db, { sender: "nobody", since: 5_000, until: 9_000 }, PAGE),
  ],
  ["a page of runs of a status", (db) => pageOfRuns(db, { status: "skipped" }, PAGE)],
  ["what is new", (db) => deliveriesAbove(db, 1, 100)],
  ["how a hook's newest run ended", (db) => lastEndedRun(db, "deploy")],
  ["the times of runs that ended last", (db) => timesOfEndedRuns(db, 9_000_000, 100)],
  ["the runs that try one again", (db) => retriesOf(db, 1)],
  [
    "a hook's last success",
    (db) => lastSuccess(db, "deploy", { source: "github", repository: "acme/site", ref: "refs/heads/main" }),
  ],
  [
    "pruning",
    async (db, store) => {
      const ended = { status: "failed", finished_at: 1, worker: null, lease_until: null } as const;
      await store.db.updateTable("runs").set(ended).where("id", "<", 100).execute();
      await prune({ ...store, db }, { before: 2_000, keepBytes: null });
    },
  ],
];

/** What walks an index that has only a few rows, however many runs there are: those that run now, or failed. */
export const PARTIAL: [what: string, index: string, ask: (db: Database) => Promise<unknown>][] = [
  ["extending leases", "running_lease", (db) => extendLeases(db, "w1", 9_000)],
  ["rescuing", "running_lease", (db) => rescueRuns(db, 1, ["w9"])],
  ["looking for workers", "running_lease", (db) => workersWithRuns(db)],
  ["whether any run is held", "running_lease", (db) => isAnyRunHeld(db, 1)],
  ["how many runs are being performed", "running_lease", (db) => countRunningRuns(db)],
  [
    "runs that may have changed",
    "running_lease",
    (db) => runsToLookAt(db, { above: 1, endedSince: 9_000_000, ids: [1] }, 100),
  ],
  ["failed runs", "failed_runs", (db) => listRuns(db, { status: "failed" }, PAGE)],
];
