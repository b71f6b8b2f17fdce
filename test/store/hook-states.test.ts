import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { finishRun } from "../../src/store/run-ends.ts";
import type { Outcome } from "../../src/store/run-queue.ts";
import { openTestStore } from "../support/store.ts";

async function setUp(t: TestContext) {
  const store = await openTestStore(t);
  const begin = async (hook = "deploy", changes: { ref?: string; repository?: string | null } = {}) => {
    await store.queueRun(hook, changes);
    const [run] = await store.claim({ hooks: [hook] });
    return { ...(run ?? assert.fail()), worker: "w1" };
  };
  /** The change that the end of this run is; `null` where nobody asked, because it is none. */
  const end = async (run: Awaited<ReturnType<typeof begin>>, status: Outcome["status"]) => {
    let told: string | null = null;
    await finishRun(store.db, run, { status, exitCode: 0, signal: null, reason: null }, 2_000, (change) => {
      told = change;
      return [];
    });
    return told;
  };
  return { store, begin, end };
}

describe("the end of a run", () => {
  it("is a change when its hook begins to fail, and when it succeeds again", async (t) => {
    const { begin, end } = await setUp(t);
    const told: (string | null)[] = [];
    for (const status of ["succeeded", "failed", "failed", "succeeded", "succeeded", "failed"] as const)
      told.push(await end(await begin(), status));
    assert.deepEqual(told, [null, "failed", null, "recovered", null, "failed"]);
  });

  it("is a change when the very first run fails", async (t) => {
    const { begin, end } = await setUp(t);
    assert.equal(await end(await begin(), "failed"), "failed");
  });

  it("is none when it was cancelled or skipped, and leaves the state as it is", async (t) => {
    const { begin, end } = await setUp(t);
    await end(await begin(), "failed");
    assert.equal(await end(await begin(), "cancelled"), null);
    assert.equal(await end(await begin(), "skipped"), null);
    assert.equal(await end(await begin(), "succeeded"), "recovered");
  });

  it("is one of its hook, repository and ref alone", async (t) => {
    const { begin, end } = await setUp(t);
    await end(await begin(), "failed");
    assert.equal(await end(await begin("other"), "succeeded"), null);
    assert.equal(await end(await begin("deploy", { ref: "refs/heads/dev" }), "succeeded"), null);
    assert.equal(await end(await begin("deploy", { repository: "acme/other" }), "succeeded"), null);
    assert.equal(await end(await begin("deploy", { repository: null }), "failed"), "failed");
    assert.equal(await end(await begin("deploy", { repository: null }), "failed"), null);
  });

  it("is none when a newer run has ended before", async (t) => {
    const { begin, end } = await setUp(t);
    const old = await begin();
    const young = await begin();
    assert.equal(await end(young, "succeeded"), null);
    assert.equal(await end(old, "failed"), null);
    assert.equal(await end(await begin(), "failed"), "failed");
  });

  it("starts the hooks that tell of it, and of those nobody is told", async (t) => {
    const { store, begin } = await setUp(t);
    const run = await begin();
    const failure: Outcome = { status: "failed", exitCode: 1, signal: null, reason: null };
    await finishRun(store.db, run, failure, 2_000, (change) => [`_notify-${change}`, "_notify-2"]);
    const told = await store.claim({ hooks: ["_notify-failed", "_notify-2"], now: 2_000 });
    assert.deepEqual(
      told.map(({ hook, about }) => [hook, about]),
      [
        ["_notify-failed", { run: run.id, change: "failed" }],
        ["_notify-2", { run: run.id, change: "failed" }],
      ],
    );
    for (const one of told)
      await finishRun(store.db, { ...one, worker: "w1" }, failure, 3_000, () =>
        assert.fail("of a notification"),
      );
  });

  it("can be told of for two hooks of one delivery at once", async (t) => {
    const { store } = await setUp(t);
    await store.accept({ hooks: ["a", "b"] });
    for (const run of await store.claim({ hooks: ["a", "b"] }))
      await finishRun(
        store.db,
        { ...run, worker: "w1" },
        { status: "failed", exitCode: 1, signal: null, reason: null },
        2_000,
        () => ["_notify-1"],
      );
    assert.equal((await store.claim({ hooks: ["_notify-1"], now: 2_000 })).length, 2);
  });
});
