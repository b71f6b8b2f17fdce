import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { type CompiledQuery, Kysely } from "kysely";
import { acceptGroup } from "../../src/store/accept.ts";
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
  waitingSince,
} from "../../src/store/runs.ts";
import { SqliteConnection, SqliteDialect } from "../../src/store/sqlite.ts";
import type { Database } from "../../src/store/store.ts";
import type { Tables } from "../../src/store/tables.ts";
import { openTestStore, type TestStore } from "../support/store.ts";

const PAGE = { limit: 50 };
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
const QUICK: [what: string, ask: (db: Database, store: TestStore) => Promise<unknown>][] = [
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
  ["deliveries of a repository", (db) => listDeliveries(db, { repository: "acme/site" }, PAGE)],
  [
    "deliveries of a repository, the next page",
    (db) => listDeliveries(db, { repository: "acme/site" }, { ...PAGE, after: 9 }),
  ],
  [
    "deliveries of a repository and ref",
    (db) => listDeliveries(db, { repository: "acme/site", ref: "main" }, PAGE),
  ],
  ["deliveries by GUID", (db) => listDeliveries(db, { guid: "g" }, PAGE)],
  [
    "deliveries of a repository and commit",
    (db) => listDeliveries(db, { repository: "acme/site", sha: "abcdef0" }, PAGE),
  ],
  ["deliveries that a hook ran for last", (db) => lastDeliveriesOf(db, "deploy", 50)],
  ["a hook's queued runs", (db) => countQueuedRuns(db, "deploy")],
  ["since when a hook's runs wait", (db) => waitingSince(db, "deploy", 9_000)],
  ["what judged a delivery", (db) => findJudges(db, 1)],
  ["disabling a hook", (db) => disableHook(db, "deploy", 1)],
  ["enabling a hook", (db) => enableHook(db, "deploy")],
  ["runs of a delivery", (db) => listRuns(db, { delivery: 1 }, PAGE)],
  ["runs of a repository", (db) => listRuns(db, { repository: "acme/site" }, PAGE)],
  ["runs of a hook", (db) => listRuns(db, { hook: "deploy" }, PAGE)],
  [
    "a hook's last success",
    (db) => lastSuccess(db, "deploy", { source: "github", repository: "acme/site", ref: "refs/heads/main" }),
  ],
  [
    "pruning",
    async (db, store) => {
      const ended = { status: "failed", finished_at: 1, worker: null, lease_until: null } as const;
      await store.db.updateTable("runs").set(ended).where("id", "<", 100).execute();
      await prune({ db, size: store.size }, { before: 2_000, keepBytes: null });
    },
  ],
];

/** What walks an index that has only a few rows, however many runs there are: those that run now, or failed. */
const PARTIAL: [what: string, index: string, ask: (db: Database) => Promise<unknown>][] = [
  ["extending leases", "running_lease", (db) => extendLeases(db, "w1", 9_000)],
  ["rescuing", "running_lease", (db) => rescueRuns(db, 1, ["w9"])],
  ["looking for workers", "running_lease", (db) => workersWithRuns(db)],
  ["whether any run is held", "running_lease", (db) => isAnyRunHeld(db, 1)],
  ["how many runs are being performed", "running_lease", (db) => countRunningRuns(db)],
  ["failed runs", "failed_runs", (db) => listRuns(db, { status: "failed" }, PAGE)],
];

/** The store, and what of it remembers each query, in a database with some deliveries and runs in it. */
async function setUp(t: TestContext, { analyze }: { analyze: boolean }) {
  const store = await openTestStore(t);
  for (let group = 0; group < 20; group++) {
    const many = Array.from({ length: 50 }, (_, index) =>
      store.arrival({ repository: `acme/${index}`, hooks: ["deploy", "ci", `other-${index}`] }),
    );
    await acceptGroup(store.db, many);
  }
  await store.claim({ limit: 3 });
  const database = new DatabaseSync(store.path);
  if (analyze) database.exec("analyze");
  const asked: CompiledQuery[] = [];
  const connection = new SqliteConnection({
    path: store.path,
    durable: false,
    checkpoints: true,
    busyMs: 5_000,
  });
  const db: Database = new Kysely<Tables>({
    dialect: new SqliteDialect(connection),
    log: ({ query }) => void asked.push(query),
  });
  t.after(async () => {
    await db.destroy();
    database.close();
  });
  const plansOf = async (ask: (db: Database, store: TestStore) => Promise<unknown>): Promise<string[]> => {
    asked.length = 0;
    await ask(db, store);
    assert.ok(asked.length > 0, "nothing was asked");
    return asked
      .filter(({ sql }) => !/^(begin|commit)/.test(sql))
      .flatMap(({ sql, parameters }) =>
        database
          .prepare(`explain query plan ${sql}`)
          .all(...(parameters as never[]))
          .map(({ detail }) => String(detail)),
      );
  };
  return { plansOf };
}

/** The steps that walk a table or an index that grows: not the rows of an `insert`, nor what there is little of. */
function scans(plans: readonly string[]): string[] {
  return plans.filter((plan) =>
    /^SCAN (?!\d+-ROW VALUES|\d+ CONSTANT ROWS|(dictionaries|hook_sets|refusals|disabled_hooks|lanes)\b)/.test(
      plan,
    ),
  );
}

for (const analyze of [false, true]) {
  describe(`a query, ${analyze ? "with" : "without"} statistics in the database`, () => {
    it("never walks a whole table or index where it need not", async (t) => {
      const { plansOf } = await setUp(t, { analyze });
      for (const [what, ask] of QUICK) {
        const plans = await plansOf(ask);
        assert.deepEqual(scans(plans), [], `${what}: ${plans.join("; ")}`);
      }
    });

    it("walks only the few rows that are in the state it asks for", async (t) => {
      const { plansOf } = await setUp(t, { analyze });
      for (const [what, index, ask] of PARTIAL) {
        const walked = scans(await plansOf(ask));
        assert.ok(
          walked.every((plan) => new RegExp(`^SCAN runs USING (COVERING )?INDEX ${index}$`).test(plan)),
          `${what}: ${walked.join("; ")}`,
        );
      }
    });

    it("claims in the order of its index, without sorting", async (t) => {
      const { plansOf } = await setUp(t, { analyze });
      const plans = await plansOf((db) =>
        claimRuns(db, { worker: "w1", hooks: ["ci"], limit: 4, now: 9_000, leaseMs: 1 }),
      );
      const lane = plans.find((plan) => plan.includes(" due "));
      assert.equal(lane, "SEARCH due USING COVERING INDEX queued_lane (hook=? AND due_at<?)");
      assert.ok(!plans.some((plan) => plan.includes("TEMP B-TREE")), plans.join("; "));
    });

    it("looks for those that wait in front of a run in its group, not among all runs of the hooks", async (t) => {
      const { plansOf } = await setUp(t, { analyze });
      const claim = { worker: "w1", hooks: ["ci", "deploy"], limit: 4, now: 9_000, leaseMs: 1 };
      const inFront = (await plansOf((db) => claimRuns(db, claim))).filter((plan) =>
        plan.includes(" first "),
      );
      assert.notEqual(inFront.length, 0);
      for (const plan of inFront) assert.match(plan, /^SEARCH first USING (COVERING )?INDEX live_in_group /);
    });

    it("walks the deliveries once, the newest first and without sorting, for a commit or branch of any repository", async (t) => {
      const { plansOf } = await setUp(t, { analyze });
      for (const filter of [{ sha: "abcdef0" }, { ref: "main" }]) {
        const [plan, next] = await plansOf((db) => listDeliveries(db, filter, { limit: 1 }));
        assert.equal(plan, "SCAN deliveries");
        assert.notEqual(next, "USE TEMP B-TREE FOR ORDER BY");
      }
    });

    it("lists what is newest first without sorting", async (t) => {
      const { plansOf } = await setUp(t, { analyze });
      for (const filter of [{}, { repository: "acme/site" }]) {
        const [plan, ...others] = await plansOf((db) => listDeliveries(db, filter, { limit: 1 }));
        assert.match(plan ?? "", /^SCAN deliveries$|deliveries_by_repository/);
        assert.notEqual(others[0], "USE TEMP B-TREE FOR ORDER BY");
      }
      assert.deepEqual(await plansOf((db) => listRuns(db, {}, PAGE)), [
        "SCAN runs",
        "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)",
      ]);
    });
  });
}
