import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { appendOutput } from "../../src/store/output.ts";
import { finishRun } from "../../src/store/run-ends.ts";
import { claimRuns, type Outcome } from "../../src/store/run-queue.ts";
import { delivery } from "../support/github.ts";
import { pushHook, type ReceiverOptions, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** A receiver whose source waits for what becomes of the runs, and what plays the worker. */
async function setUp(t: TestContext, options: ReceiverOptions = {}) {
  const hooks = [pushHook("build"), pushHook("deploy")];
  const receiver = await startReceiver(t, { hooks, source: { respondsOutcome: true }, ...options });
  const { db } = receiver;
  const claim = { worker: "w1", hooks: ["build", "deploy"], limit: 10, leaseMs: 60_000 };
  return {
    receiver,
    db,
    async perform(outcomes: Record<string, Partial<Outcome>>, print = "") {
      const runs = await until("the runs are stored", async () => {
        const claimed = await claimRuns(db, { ...claim, now: Date.now() });
        return claimed.length > 0 && claimed;
      });
      for (const run of runs) {
        const piece = { runId: run.id, attempt: 1, seq: 0, stream: "stdout" as const, at: 1 };
        await appendOutput(db, [{ ...piece, bytes: Buffer.from(`${print}${run.hook}\n`) }]);
        const good: Outcome = { status: "succeeded", exitCode: 0, signal: null, reason: null };
        await finishRun(db, { ...run, worker: "w1" }, { ...good, ...outcomes[run.hook] }, 2);
      }
    },
  };
}

describe("a source with `respond: outcome`", { concurrency: true }, () => {
  it("answers with what became of the runs, and what they printed", async (t) => {
    const { receiver, perform } = await setUp(t);
    const [{ status, json }] = await Promise.all([
      receiver.send(),
      perform({ deploy: { status: "skipped" } }),
    ]);
    assert.deepEqual(
      [status, json],
      [
        200,
        {
          delivery: 1,
          runs: [
            { id: 1, hook: "build", status: "succeeded", reason: null, exitCode: 0, output: "build\n" },
            { id: 2, hook: "deploy", status: "skipped", reason: null, exitCode: 0, output: "deploy\n" },
          ],
        },
      ],
    );
  });

  it("answers with 500 when a run has failed, so that GitHub shows it as failed", async (t) => {
    const { receiver, perform } = await setUp(t);
    const failure = { status: "failed" as const, exitCode: 3, reason: "because" };
    const [{ status, json }] = await Promise.all([receiver.send(), perform({ build: failure })]);
    assert.equal(status, 500);
    const [run] = (json as { runs: object[] }).runs;
    assert.deepEqual(run, { id: 1, hook: "build", ...failure, output: "build\n" });
  });

  it("gives the end of long output", async (t) => {
    const { receiver, perform } = await setUp(t);
    const [{ json }] = await Promise.all([receiver.send(), perform({}, "x".repeat(100_000))]);
    const [run] = (json as { runs: { output: string }[] }).runs;
    assert.match(run?.output ?? "", /^\[…\] x+build\n$/);
    assert.equal(run?.output.length, 65_536 + "[…] ".length);
  });

  it("answers as any other when it is not known in time; the delivery and its runs are there", async (t) => {
    const { receiver, db } = await setUp(t, { outcomes: { withinMs: 1 } });
    const { status, json } = await receiver.send();
    assert.deepEqual([status, json], [202, { delivery: 1, runs: [1, 2] }]);
    assert.equal((await db.selectFrom("runs").selectAll().execute()).length, 2);
  });

  it("answers as any other when too many wait already", async (t) => {
    const { receiver, perform } = await setUp(t, { outcomes: { maxWaiting: 1 } });
    const first = receiver.send();
    await until(
      "it waits",
      async () => (await receiver.db.selectFrom("runs").select("id").execute()).length > 0,
    );
    assert.equal((await receiver.send()).status, 202);
    await perform({});
    assert.equal((await first).status, 200);
  });

  it("answers at once where nothing runs, and with pong to a ping", async (t) => {
    const { receiver } = await setUp(t);
    assert.equal((await receiver.send({ event: "issues" })).status, 204);
    assert.equal((await receiver.send({ event: "ping" })).text, "pong");
  });

  it("answers a redelivery with what became of the run that it has started", async (t) => {
    const { receiver, perform } = await setUp(t, { hooks: [pushHook("deploy")] });
    const again = delivery();
    await Promise.all([receiver.send(again), perform({ deploy: { status: "failed" } })]);
    const [{ status, json }] = await Promise.all([receiver.send(again), perform({})]);
    assert.equal(status, 200);
    const { runs, ...rest } = json as { runs: { id: number }[] };
    assert.deepEqual([rest, runs.map(({ id }) => id)], [{ delivery: 1, duplicate: true }, [2]]);
  });
});
