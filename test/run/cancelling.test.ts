import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isRunning } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { startWorker } from "../support/worker.ts";

describe("a run that somebody wants to end", () => {
  it("is cancelled with the reason, and its script is ended, within a second or so", async (t) => {
    const work = await startWorker(t);
    const run = await work.start(work.hook("echo $$; exec sleep 300"));
    const script = await until("it runs", async () => Number(await work.output(run)) || undefined);
    await cancel(work.store.db, run, "superseded by run 7");
    const { status, reason, signal, stdout } = await work.ended(run);
    assert.deepEqual([status, reason, signal], ["cancelled", "superseded by run 7", "SIGTERM"]);
    assert.equal(stdout, `${script}\n`);
    assert.equal(isRunning(script), false);
  });

  it("is cancelled also when its script succeeds all the same", async (t) => {
    const work = await startWorker(t);
    const run = await work.start(work.hook("trap 'exit 0' TERM; echo ready; while :; do sleep 0.02; done"));
    await until("it runs", async () => (await work.output(run)) === "ready\n");
    await cancel(work.store.db, run, "enough");
    const { status, reason, exitCode } = await work.ended(run);
    assert.deepEqual([status, reason, exitCode], ["cancelled", "enough", 0]);
  });
});

type Database = Awaited<ReturnType<typeof startWorker>>["store"]["db"];

function cancel(db: Database, run: number, reason: string) {
  return db.updateTable("runs").set({ cancel_reason: reason }).where("id", "=", run).execute();
}
