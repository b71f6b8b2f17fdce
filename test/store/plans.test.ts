import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { type CompiledQuery, Kysely } from "kysely";
import { acceptGroup } from "../../src/store/accept.ts";
import { listDeliveries } from "../../src/store/deliveries.ts";
import { claimRuns } from "../../src/store/run-queue.ts";
import { listRuns } from "../../src/store/runs.ts";
import { SqliteConnection, SqliteDialect } from "../../src/store/sqlite.ts";
import type { Database } from "../../src/store/store.ts";
import type { Tables } from "../../src/store/tables.ts";
import { PAGE, PARTIAL, QUICK } from "../support/asked.ts";
import { openTestStore, type TestStore } from "../support/store.ts";

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
    /^SCAN (?!\d+-ROW VALUES|\d+ CONSTANT ROWS|(dictionaries|hook_sets|refusals|bodies_seen|disabled_hooks|lanes)\b)/.test(
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

    it("looks only at the lane of a hook that works on a delivery after others", async (t) => {
      const { plansOf } = await setUp(t, { analyze });
      const inOrder = new Set(["deploy", "ci"]);
      const claim = { worker: "w1", hooks: ["ci", "deploy"], inOrder, limit: 4, now: 9_000, leaseMs: 1 };
      const plans = await plansOf((db) => claimRuns(db, claim));
      assert.ok(
        plans.some((plan) => plan.includes("queued_lane (hook=? AND due_at<?)")),
        plans.join("; "),
      );
      // What has been found in it, and no table.
      assert.deepEqual([...new Set(scans(plans))], ["SCAN due"], plans.join("; "));
    });

    it("walks the deliveries once, the newest first and without sorting, for what has no index", async (t) => {
      const { plansOf } = await setUp(t, { analyze });
      for (const filter of [{ sha: "abcdef0" }, { ref: "main" }, { repository: "acme/site" }]) {
        const [plan, next] = await plansOf((db) => listDeliveries(db, filter, { limit: 1 }));
        assert.equal(plan, "SCAN deliveries");
        assert.notEqual(next, "USE TEMP B-TREE FOR ORDER BY");
      }
    });

    it("lists what is newest first without sorting", async (t) => {
      const { plansOf } = await setUp(t, { analyze });
      const [plan, next] = await plansOf((db) => listDeliveries(db, {}, { limit: 1 }));
      assert.equal(plan, "SCAN deliveries");
      assert.notEqual(next, "USE TEMP B-TREE FOR ORDER BY");
      assert.deepEqual(await plansOf((db) => listRuns(db, {}, PAGE)), ["SCAN runs"]);
    });
  });
}
