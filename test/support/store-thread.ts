/**
 * A thread with its own connections, as another process would have them: several of these do the same thing at the
 * same moment. See `threads.ts`.
 */
import { parentPort, workerData } from "node:worker_threads";
import { claimRuns } from "../../src/store/run-queue.ts";
import { openStore } from "../../src/store/store.ts";
import type { ThreadData } from "./threads.ts";

const { barrier, parties, task, worker, databases } = workerData as ThreadData;
const counter = new Int32Array(barrier);
let round = 0;

/** Waits until all threads have come this far. */
function together(): void {
  round++;
  if (Atomics.add(counter, 0, 1) + 1 === parties * round) Atomics.notify(counter, 0);
  for (let seen = Atomics.load(counter, 0); seen < parties * round; seen = Atomics.load(counter, 0)) {
    Atomics.wait(counter, 0, seen);
  }
}

/** Opens each database at the same moment as the others, and counts the migrations that it finds there. */
async function openAll(): Promise<number[]> {
  const found: number[] = [];
  for (const database of databases) {
    together();
    const store = await openStore(database);
    found.push((await store.db.selectFrom("schema_migrations").selectAll().execute()).length);
    await store.close();
  }
  return found;
}

/** Claims runs of the hook `deploy`, three at a time, until there are none. */
async function claimAll(): Promise<number[]> {
  const store = await openStore(databases[0] ?? "");
  together();
  const claimed: number[] = [];
  for (;;) {
    const runs = await claimRuns(store.db, {
      worker,
      hooks: ["deploy"],
      limit: 3,
      now: 10_000,
      leaseMs: 1_000,
    });
    if (runs.length === 0) break;
    claimed.push(...runs.map(({ id }) => id));
  }
  await store.close();
  return claimed;
}

parentPort?.postMessage(await (task === "open" ? openAll() : claimAll()));
