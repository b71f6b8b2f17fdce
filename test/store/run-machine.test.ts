/** Whatever happens to runs, in whatever order: the store says what a small model says. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { cancelRun } from "../../src/store/control.ts";
import {
  decideEnding,
  finishRun,
  handBackRun,
  interruptRun,
  rescueRuns,
  retryRun,
} from "../../src/store/run-ends.ts";
import type { ClaimedRun, Outcome } from "../../src/store/run-queue.ts";
import { tries } from "../support/database.ts";
import { type ModelRun, RunModel } from "../support/run-model.ts";
import { openTestStore, type TestStore } from "../support/store.ts";

const HOOKS = ["a", "b"];
const WORKERS = ["w1", "w2"];
const LEASE_MS = 1_000;

/** The store, and what the workers believe to hold. */
interface Real {
  store: TestStore;
  held: Map<number, ClaimedRun & { worker: string }>;
  /** What was taken from workers that know nothing of it yet. */
  lost: (ClaimedRun & { worker: string })[];
}

type Command = fc.AsyncCommand<RunModel, Real>;

const outcomeOf = (status: Outcome["status"]): Outcome => ({
  status,
  exitCode: null,
  signal: null,
  reason: null,
});

/** Something that is done to one of the runs with a certain status, chosen by chance. */
function onRun(
  name: string,
  statuses: ModelRun["status"][],
  chance: number,
  act: (run: ModelRun, model: RunModel, real: Real) => Promise<void>,
): Command {
  const choose = (model: Pick<RunModel, "with">) => {
    const all = model.with(...statuses);
    return all[chance % all.length];
  };
  return {
    check: (model) => choose(model) !== undefined,
    async run(model, real) {
      await act(choose(model) as ModelRun, model, real);
      await agree(model, real);
    },
    toString: () => `${name}(${chance})`,
  };
}

function anywhere(name: string, act: (model: RunModel, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await act(model, real);
      await agree(model, real);
    },
    toString: () => name,
  };
}

const RUNNING = ["running"] as ModelRun["status"][];

async function holding(
  { held }: Real,
  run: ModelRun,
  write: (held: ClaimedRun & { worker: string }) => Promise<boolean>,
) {
  const claimed = held.get(run.id) ?? assert.fail();
  assert.equal(await write(claimed), true, "its worker can write it");
  held.delete(run.id);
  assert.equal(await write(claimed), false, "and only once");
}

const groups = fc.constantFrom(
  undefined,
  { name: "one", queue: "single" as const, cancelsRunning: false },
  { name: "one", queue: "single" as const, cancelsRunning: true },
  { name: "many", queue: "max" as const, cancelsRunning: false },
);

const chance = fc.nat(50);

const COMMANDS = [
  fc.tuple(fc.constantFrom(...HOOKS), groups).map(([hook, group]) =>
    anywhere(`accept(${hook}, ${JSON.stringify(group)})`, async (model, { store }) => {
      const changes = group && { groups: { [hook]: group } };
      const id = await store.queueRun(hook, { receivedAt: model.now, ...changes });
      model.accept(id, hook, group);
    }),
  ),
  fc.tuple(fc.constantFrom(...WORKERS), fc.integer({ min: 1, max: 4 })).map(([worker, limit]) =>
    anywhere(`claim(${worker}, ${limit})`, async (model, { store, held }) => {
      const claimable = model.claimable().map(({ id }) => id);
      const claimed = await store.claim({ worker, limit, hooks: HOOKS, now: model.now, leaseMs: LEASE_MS });
      assert.equal(claimed.length, Math.min(limit, claimable.length));
      for (const run of claimed) {
        assert.ok(claimable.includes(run.id), `run ${run.id} has to wait`);
        const { failures, interruptions, ending } = model.get(run.id);
        assert.deepEqual(
          [run.failures, run.interruptions, run.ending?.status],
          [failures, interruptions, ending],
        );
        model.claim(run.id, worker, model.now + LEASE_MS);
        held.set(run.id, { ...run, worker });
      }
    }),
  ),
  fc.tuple(chance, fc.constantFrom("succeeded" as const, "failed" as const)).map(([index, status]) =>
    onRun(`finish ${status}`, RUNNING, index, async (run, model, real) => {
      const end = run.ending ?? status;
      model.finish(run.id, end);
      await holding(real, run, (held) => finishRun(real.store.db, held, outcomeOf(end), model.now));
    }),
  ),
  fc.tuple(chance, fc.nat(3_000)).map(([index, pause]) =>
    onRun("retry", RUNNING, index, async (run, model, real) => {
      // What has an ending is not tried again.
      if (run.ending) return;
      const { now } = model;
      model.retry(run.id, now + pause);
      const due = { dueAt: now + pause, now };
      await holding(real, run, (held) => retryRun(real.store.db, held, outcomeOf("failed"), due));
    }),
  ),
  chance.map((index) =>
    onRun("decide", RUNNING, index, async (run, model, { store, held }) => {
      if (run.ending) return;
      const ending = run.isUnwanted ? "cancelled" : "failed";
      model.decide(run.id, ending);
      assert.equal(await decideEnding(store.db, held.get(run.id) ?? assert.fail(), outcomeOf(ending)), true);
    }),
  ),
  chance.map((index) =>
    onRun("hand back", RUNNING, index, async (run, model, real) => {
      model.handBack(run.id);
      await holding(real, run, (held) => handBackRun(real.store.db, held, model.now));
    }),
  ),
  chance.map((index) =>
    onRun("interrupt", RUNNING, index, async (run, model, real) => {
      model.interrupt(run);
      await holding(real, run, (held) => interruptRun(real.store.db, held, { reason: "x", now: model.now }));
    }),
  ),
  chance.map((index) =>
    onRun("cancel", ["queued", "running", "failed"], index, async (run, model, { store }) => {
      model.cancel(run.id);
      await cancelRun(store.db, run.id, { reason: "cancelled", now: model.now });
    }),
  ),
  fc.constantFrom(...WORKERS).map((worker) =>
    anywhere(`crash(${worker})`, async (model, real) => {
      const lost = model.with("running").filter((run) => run.worker === worker);
      for (const run of lost) model.interrupt(run);
      assert.equal(await rescueRuns(real.store.db, model.now, [worker]), lost.length);
      lose(lost, real);
    }),
  ),
  fc.nat(1_500).map((ms) =>
    anywhere(`wait(${ms})`, async (model, real) => {
      model.now += ms;
      const lost = model.with("running").filter(({ leaseUntil = 0 }) => leaseUntil < model.now);
      for (const run of lost) model.interrupt(run);
      assert.equal(await rescueRuns(real.store.db, model.now, []), lost.length);
      lose(lost, real);
    }),
  ),
];

/** A worker that was taken for dead and is not goes on believing that it holds its runs. */
function lose(runs: readonly ModelRun[], { held, lost }: Real): void {
  for (const { id } of runs) {
    lost.push(held.get(id) ?? assert.fail());
    held.delete(id);
  }
}

async function agree({ runs, now }: RunModel, { store, lost }: Real): Promise<void> {
  for (const run of lost) assert.equal(await finishRun(store.db, run, outcomeOf("succeeded"), now), false);
  const rows = await store.db.selectFrom("runs").selectAll().orderBy("id").execute();
  const attempts = await store.db.selectFrom("attempts").selectAll().orderBy("attempt").execute();
  const keptOf = Map.groupBy(attempts, ({ run_id }) => run_id);
  assert.deepEqual(
    rows.map((row) => ({
      ...{ id: row.id, hook: row.hook, status: row.status, worker: row.worker, attempt: row.attempt },
      ...{ failures: row.failures, interruptions: row.interruptions, ending: row.ending },
      ...(row.status === "queued" ? { due: row.due_at } : {}),
      ...(row.finished_at === null ? { isUnwanted: row.cancel_reason !== null } : {}),
      kept: (keptOf.get(row.id) ?? []).map(({ attempt, outcome }) => `${attempt} ${outcome}`),
    })),
    runs.map((run) => ({
      ...{ id: run.id, hook: run.hook, status: run.status, worker: run.worker ?? null, attempt: run.attempt },
      ...{ failures: run.failures, interruptions: run.interruptions, ending: run.ending ?? null },
      ...(run.status === "queued" ? { due: run.due } : {}),
      ...(["queued", "running"].includes(run.status) ? { isUnwanted: run.isUnwanted } : {}),
      kept: run.kept,
    })),
  );
}

describe("runs", () => {
  it("are what the rules say, whatever happens to them, in whatever order", {
    timeout: 300_000,
  }, async (t) => {
    const store = await openTestStore(t);
    await fc.assert(
      fc
        .asyncProperty(fc.commands(COMMANDS, { maxCommands: 60, size: "max" }), async (commands) => {
          const real: Real = { store, held: new Map(), lost: [] };
          await fc.asyncModelRun(() => ({ model: new RunModel(), real }), commands);
        })
        .beforeEach(async () => {
          for (const table of ["attempts", "runs", "deliveries", "packs"] as const)
            await store.db.deleteFrom(table).execute();
        }),
      { numRuns: tries(150) },
    );
  });
});
