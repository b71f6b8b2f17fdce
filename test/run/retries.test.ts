import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Retry } from "../../src/match/hook.ts";
import { listAttempts } from "../../src/store/attempts.ts";
import { readOutput } from "../../src/store/output.ts";
import { isRunning } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { startWorker, type TestWorker } from "../support/worker.ts";

const AT_ONCE: Retry = { maxAttempts: 3, backoffMs: 1, maxBackoffMs: 1 };
const NEVER: Retry = { maxAttempts: 3, backoffMs: 3_600_000, maxBackoffMs: 3_600_000 };

async function attemptsOf(work: TestWorker, run: number) {
  const attempts = await listAttempts(work.store.db, await work.find(run));
  return attempts.map(({ attempt, outcome, exitCode }) => [attempt, outcome, exitCode]);
}

async function outputOf(work: TestWorker, run: number, attempt: number) {
  const pieces = await readOutput(work.store.db, run, attempt);
  return Buffer.concat(pieces.map(({ bytes }) => bytes)).toString();
}

describe("a run of a hook with `retry`", { concurrency: true }, () => {
  it("is performed until it succeeds; what came of each attempt and what it printed is kept", async (t) => {
    const work = await startWorker(t);
    const hook = work.hook('echo "try $LONGSHORE_ATTEMPT"; exit $((3 - LONGSHORE_ATTEMPT))', {
      retry: AT_ONCE,
    });
    const run = await work.start(hook);
    const { status, attempt, exitCode } = await work.ended(run);
    assert.deepEqual([status, attempt, exitCode], ["succeeded", 3, 0]);
    assert.deepEqual(await attemptsOf(work, run), [
      [1, "failed", 2],
      [2, "failed", 1],
      [3, "succeeded", 0],
    ]);
    assert.equal(await outputOf(work, run, 1), "try 1\n");
    assert.equal(await outputOf(work, run, 3), "try 3\n");
  });

  it("fails when its attempts are used up", async (t) => {
    const work = await startWorker(t);
    const run = await work.start(work.hook("exit 5", { retry: { ...AT_ONCE, maxAttempts: 2 } }));
    const { status, attempt, exitCode } = await work.ended(run);
    assert.deepEqual([status, attempt, exitCode], ["failed", 2, 5]);
  });

  it("waits in the queue, with a due time, between two attempts", async (t) => {
    const work = await startWorker(t);
    const run = await work.start(work.hook("exit 5", { retry: NEVER }));
    await until("it waits", async () => {
      const { status, attempt } = await work.find(run);
      return status === "queued" && attempt === 1;
    });
    const { due_at, failures } = await work.store.db
      .selectFrom("runs")
      .select(["due_at", "failures"])
      .executeTakeFirstOrThrow();
    assert.equal(failures, 1);
    assert.ok(due_at <= Date.now() + 3_600_000);
  });

  it("is not performed again for an exit code that the hook does not name", async (t) => {
    const work = await startWorker(t);
    const run = await work.start(work.hook("exit 5", { retry: { ...AT_ONCE, on: [6] } }));
    assert.equal((await work.ended(run)).attempt, 1);
  });
});

describe("`on-failure`", { concurrency: true }, () => {
  it("runs once after the last attempt, and is told how it ended; the run ends as it would have", async (t) => {
    const work = await startWorker(t);
    const onFailure = 'echo "then $LONGSHORE_STATUS $LONGSHORE_EXIT_CODE $WHO"';
    const script = { script: "echo first; exit 5", env: { WHO: "me" } };
    const run = await work.start(work.hook(script, { retry: { ...AT_ONCE, maxAttempts: 2 }, onFailure }));
    const { status, exitCode, reason, attempt, stdout } = await work.ended(run);
    assert.deepEqual([status, exitCode, reason, attempt], ["failed", 5, null, 2]);
    assert.equal(stdout, "first\nthen failed 5 me\n");
    assert.equal(await outputOf(work, run, 1), "first\n");
  });

  it("does not run after a success, nor for a run that was skipped or never tried", async (t) => {
    const work = await startWorker(t);
    const trace = join(temporaryFolder(t), "ran");
    const onFailure = `touch ${trace}`;
    const succeeded = await work.ended(await work.start(work.hook("true", { onFailure })));
    assert.equal(succeeded.status, "succeeded");
    assert.equal(existsSync(trace), false);
  });

  it("runs after a run that was cancelled while it was performed, and after one that timed out", async (t) => {
    const work = await startWorker(t);
    const onFailure = 'echo "$LONGSHORE_STATUS:$LONGSHORE_EXIT_CODE"';
    const run = await work.start(work.hook("echo go; exec sleep 300", { onFailure }));
    await until("it runs", async () => (await work.output(run)) === "go\n");
    await work.store.db.updateTable("runs").set({ cancel_reason: "enough" }).execute();
    const cancelled = await work.ended(run);
    assert.deepEqual([cancelled.status, cancelled.reason], ["cancelled", "enough"]);
    assert.equal(cancelled.stdout, "go\ncancelled:\n");

    const slow = work.hook({ script: "exec sleep 300", timeoutMs: 50 }, { onFailure });
    assert.equal((await work.ended(await work.start(slow))).stdout, "failed:\n");
  });

  it("is performed in the run's group: the next run of it waits", async (t) => {
    const work = await startWorker(t);
    const trace = join(temporaryFolder(t), "trace");
    const onFailure = `echo begin >> ${trace}; sleep 0.2; echo end >> ${trace}`;
    const hook = work.hook(`echo "run $LONGSHORE_RUN" >> ${trace}; exit 1`, { onFailure });
    const groups = { [hook]: { name: "g", queue: "max" as const, cancelsRunning: false } };
    const first = await work.start(hook, { groups });
    const second = await work.start(hook, { groups });
    await work.ended(second);
    const { stdout } = await work.run(`cat ${trace}`);
    const lines = (run: number) => `run ${run}\nbegin\nend\n`;
    assert.equal(stdout, lines(first) + lines(second));
  });

  it("says in the reason how it failed itself", async (t) => {
    const work = await startWorker(t);
    const run = await work.start(work.hook("exit 5", { onFailure: "exit 9" }));
    const { status, exitCode, reason } = await work.ended(run);
    assert.deepEqual([status, exitCode, reason], ["failed", 5, "on-failure failed: exit code 9"]);
  });

  it("can be ended by whoever wants it, and the run is at its end then", async (t) => {
    const work = await startWorker(t);
    const run = await work.start(work.hook("exit 5", { onFailure: "echo $$; exec sleep 300" }));
    const pid = await until("it runs", async () => Number(await work.output(run, "stdout")) || undefined);
    await work.store.db.updateTable("runs").set({ cancel_reason: "no rollback" }).execute();
    const { status, exitCode, reason } = await work.ended(run);
    assert.deepEqual([status, exitCode, reason], ["failed", 5, "on-failure cancelled: no rollback"]);
    assert.equal(isRunning(pid), false);
  });

  it("is given back when the server stops, and runs with the next one, without another attempt", async (t) => {
    const database = join(temporaryFolder(t), "longshore.db");
    const first = await startWorker(t, { database });
    const hook = first.hook("echo tried; exit 5", { onFailure: "echo $$; exec sleep 300" });
    const run = await first.start(hook);
    await until("it runs", async () => (await first.output(run, "stdout")).split("\n").length === 3);
    await first.worker.stop(0);

    const second = await startWorker(t, { database, isIdle: true });
    second.hook("echo tried again", { onFailure: 'echo "rolled back after $LONGSHORE_STATUS"' });
    await second.worker.start();
    const { status, exitCode, attempt, stdout } = await second.ended(run);
    assert.deepEqual([status, exitCode, attempt], ["failed", 5, 2]);
    assert.equal(stdout, "rolled back after failed\n");
  });
});

describe("an attempt whose worker is gone", () => {
  it("is not made again for a hook that says `interrupted: fail`, and `on-failure` runs", async (t) => {
    const work = await startWorker(t, { isIdle: true });
    const hook = work.hook("echo performed", { interrupted: "fail", onFailure: "echo rolled back" });
    const run = await work.start(hook);
    const gone = { status: "running" as const, attempt: 1, started_at: 1, worker: "x/1/y", lease_until: 1 };
    await work.store.db.updateTable("runs").set(gone).execute();
    await work.worker.start();
    const { status, reason, stdout } = await work.ended(run);
    assert.equal(status, "failed");
    assert.match(reason ?? "", /^interrupted: its worker was gone/);
    assert.equal(stdout, "rolled back\n");
  });

  it("is made again when only what starts the scripts was killed, and not the worker", async (t) => {
    const work = await startWorker(t);
    const script = 'echo "$PPID $$"; [ "$LONGSHORE_ATTEMPT" = 2 ] || exec sleep 300';
    const run = await work.start(work.hook(script));
    // Seen in the output: then the worker knows which process it is.
    const first = await until("it runs", async () => (await work.output(run, "stdout")) || undefined);
    const [spawner, pid] = first.split(" ").map(Number);
    process.kill(spawner ?? assert.fail(), "SIGKILL");
    const { status, attempt } = await work.ended(run);
    assert.deepEqual([status, attempt], ["succeeded", 2]);
    assert.equal(isRunning(pid ?? 0), false);
    assert.deepEqual(await attemptsOf(work, run), [
      [1, "interrupted", null],
      [2, "succeeded", 0],
    ]);
  });
});
