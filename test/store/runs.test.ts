import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { finishRun } from "../../src/store/run-ends.ts";
import { findRun, listRuns, type RunFilter } from "../../src/store/runs.ts";
import { openTestStore } from "../support/store.ts";

/** Five runs of four deliveries; 1 has failed, 2 is running, the others are queued. */
async function setUp(t: TestContext) {
  const store = await openTestStore(t);
  await store.accept({ guid: "g1", hooks: ["deploy", "ci"], ref: "refs/heads/main", receivedAt: 100 });
  await store.accept({ guid: "g2", hooks: ["deploy"], ref: "refs/heads/dev", receivedAt: 200 });
  await store.accept({ guid: "g3", hooks: ["triage"], event: "issues", ref: null, receivedAt: 300 });
  await store.accept({
    guid: "g4",
    hooks: ["deploy"],
    source: "other",
    repository: "acme/other",
    ref: "refs/tags/v1",
    receivedAt: 400,
  });
  const [run] = await store.claim({ limit: 1 });
  assert.ok(run);
  const outcome = { status: "failed", exitCode: 7, signal: null, reason: "it failed" } as const;
  await finishRun(store.db, { ...run, worker: "w1" }, outcome, 2_000);
  await store.claim({ hooks: ["ci"] });
  return store;
}

describe("listing runs", () => {
  const cases: [what: string, filter: RunFilter, ids: number[]][] = [
    ["all of them, newest first", {}, [5, 4, 3, 2, 1]],
    ["one hook", { hook: "deploy" }, [5, 3, 1]],
    ["one status", { status: "queued" }, [5, 4, 3]],
    ["the running ones", { status: "running" }, [2]],
    ["the failed ones", { status: "failed" }, [1]],
    ["those of a delivery", { delivery: 1 }, [2, 1]],
    ["one source", { source: "other" }, [5]],
    ["one event", { event: "issues" }, [4]],
    ["one repository", { repository: "acme/other" }, [5]],
    ["a short ref", { ref: "v1" }, [5]],
    ["a full ref", { ref: "refs/heads/main" }, [2, 1]],
    ["from a moment on", { since: 300 }, [5, 4]],
    ["before a moment", { until: 200 }, [2, 1]],
    ["those that fit in every respect", { hook: "deploy", status: "queued", repository: "acme/site" }, [3]],
    ["nothing where nothing fits", { hook: "none" }, []],
  ];
  for (const [what, filter, ids] of cases) {
    it(`gives ${what}`, async (t) => {
      const { db } = await setUp(t);
      assert.deepEqual(
        (await listRuns(db, filter, { limit: 50 })).map(({ id }) => id),
        ids,
      );
    });
  }

  it("goes on where a page has ended", async (t) => {
    const { db } = await setUp(t);
    const page = async (filter: RunFilter, after?: number) =>
      (await listRuns(db, filter, { limit: 2, after })).map(({ id }) => id);
    assert.deepEqual([await page({}), await page({}, 4), await page({}, 2)], [[5, 4], [3, 2], [1]]);
    assert.deepEqual([await page({ hook: "deploy" }), await page({ hook: "deploy" }, 3)], [[5, 3], [1]]);
  });
});

describe("finding a run", () => {
  it("tells all about it", async (t) => {
    const { db } = await setUp(t);
    const expected = {
      id: 1,
      hook: "deploy",
      deliveryId: 1,
      status: "failed",
      reason: "it failed",
      attempt: 1,
      cancelReason: null,
      group: null,
      worker: null,
      exitCode: 7,
      signal: null,
      retryOf: null,
      askedBy: null,
      queuedAt: 100,
      dueAt: 100,
      startedAt: 1_000,
      finishedAt: 2_000,
    };
    assert.deepEqual(await findRun(db, 1), expected);
    assert.deepEqual((await listRuns(db, { status: "failed" }, { limit: 1 }))[0], expected);
  });

  it("gives nothing for a number that there is not", async (t) => {
    const { db } = await setUp(t);
    assert.equal(await findRun(db, 99), undefined);
  });
});
