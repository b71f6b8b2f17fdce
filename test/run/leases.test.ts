import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { isRunning } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { startWorker } from "../support/worker.ts";

describe("a worker's lease on a run", { concurrency: true }, () => {
  it("that another worker has by now stops the script, and its outcome is not written", async (t) => {
    const work = await startWorker(t);
    const { db } = work.store;
    const run = await work.start(work.hook("echo $$; sleep 300"));
    const pid = await until("it runs", async () => Number(await work.output(run)) || undefined);

    const taken = { worker: "elsewhere/1/abcd", attempt: 2, lease_until: Date.now() + 60_000 };
    await db.updateTable("runs").set(taken).where("id", "=", run).execute();

    await until("the script is dead", () => !isRunning(pid));
    await until("the worker has noticed", () =>
      work.log.some(({ level, message }) => level === "warn" && message.includes("another worker's")),
    );
    const row = await db.selectFrom("runs").selectAll().executeTakeFirstOrThrow();
    assert.deepEqual(
      { status: row.status, worker: row.worker, attempt: row.attempt, exitCode: row.exit_code },
      { status: "running", worker: taken.worker, attempt: 2, exitCode: null },
    );
  });

  it("that is over because the machine has slept is taken up again: the run is not run a second time", async (t) => {
    const work = await startWorker(t);
    const { db } = work.store;
    const go = join(temporaryFolder(t), "go");
    const run = await work.start(work.hook(`until [ -e ${go} ]; do sleep 0.05; done`));
    await until("it runs", async () => (await work.find(run)).status === "running");

    await db.updateTable("runs").set({ lease_until: 1 }).where("id", "=", run).execute();
    await until("the lease is extended, or the run taken away", async () => {
      const row = await db.selectFrom("runs").selectAll().executeTakeFirstOrThrow();
      return row.lease_until !== 1;
    });
    writeFileSync(go, "");

    const { status, attempt } = await work.ended(run);
    assert.deepEqual([status, attempt], ["succeeded", 1]);
    const { interruptions } = await db.selectFrom("runs").selectAll().executeTakeFirstOrThrow();
    assert.equal(interruptions, 0);
  });
});

describe("the end of a run", () => {
  it("is stored, with all of its output, although the database was locked for a long time", async (t) => {
    const database = join(temporaryFolder(t), "longshore.db");
    const work = await startWorker(t, { database });
    const go = join(temporaryFolder(t), "go");
    const script = `echo begin; until [ -e ${go} ]; do sleep 0.05; done; echo end; exit 3`;
    const run = await work.start(work.hook(script));
    await until("it has printed", async () => (await work.output(run)) === "begin\n");
    const somebodyElse = new DatabaseSync(database, { timeout: 5_000 });
    t.after(() => somebodyElse.close());

    somebodyElse.exec("begin immediate");
    writeFileSync(go, "");
    await until("the worker has been unable to store it", () =>
      work.log.some(({ level, message }) => level === "error" && message.includes("end of a run")),
    );
    somebodyElse.exec("rollback");

    const { status, exitCode, attempt, stdout } = await work.ended(run);
    assert.deepEqual([status, exitCode, attempt, stdout], ["failed", 3, 1, "begin\nend\n"]);
  });
});
