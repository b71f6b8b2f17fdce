import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listNodes, noteNode } from "../../src/store/nodes.ts";
import { takeSingleton } from "../../src/store/singletons.ts";
import type { Store } from "../../src/store/store.ts";
import { count } from "../support/store.ts";
import { storeDelivery } from "../support/store-delivery.ts";
import { until } from "../support/until.ts";
import { startWorker, type TestWorker, testNode } from "../support/worker.ts";

/** Until it has looked around several times: so many runs of hooks that nobody has have failed, one after the other. */
async function severalLooks(work: TestWorker): Promise<void> {
  for (let look = 0; look < 3; look++)
    await work.ended(await work.start("removed", { receivedAt: Date.now() - 30_000 }));
}

async function holderOf({ db }: Store): Promise<string | undefined> {
  return (await db.selectFrom("singletons").select("node").executeTakeFirst())?.node;
}

const retention = { ageMs: 60_000, sizeBytes: null };

describe("pruning", () => {
  it("is one worker's, and another's as soon as that has stopped", async (t) => {
    const first = await startWorker(t, { retention, node: { name: "a/1/x" } });
    const { store } = first;
    const left = () => count(store.db, "deliveries");
    await storeDelivery(store, { receivedAt: 1 });
    await until("the first has pruned", () => first.log.some(({ fields }) => fields.deliveries === 1));
    await storeDelivery(store, { receivedAt: 1 });
    const second = await startWorker(t, { retention, database: first.database, node: { name: "b/1/x" } });
    await severalLooks(second);
    assert.deepEqual([await holderOf(store), await left()], ["a/1/x", 4]);
    await first.worker.stop(0);
    await until("the second has pruned", async () => (await left()) === 3);
    assert.equal(await holderOf(store), "b/1/x");
  });

  it("is left to somebody else until the lease has ended", async (t) => {
    const work = await startWorker(t, { retention, isIdle: true });
    const { db } = work.store;
    await takeSingleton(db, "prune", "far/1/x", { now: Date.now(), leaseMs: 5_000 });
    await storeDelivery(work.store, { receivedAt: 1 });
    await work.worker.start();
    await until("it prunes", async () => (await count(db, "deliveries")) === 0);
    assert.notEqual(await holderOf(work.store), "far/1/x");
  });

  it("forgets nodes of whom nothing has been heard for long", async (t) => {
    const work = await startWorker(t, { isIdle: true });
    await noteNode(work.store.db, testNode({ name: "far/1/x" }), { now: 1 });
    await work.worker.start();
    const rows = async () => (await work.store.db.selectFrom("nodes").select("name").execute()).length;
    await until("only its own is left", async () => (await rows()) === 1);
    assert.equal((await listNodes(work.store.db, Date.now()))[0]?.state, "up");
  });
});
