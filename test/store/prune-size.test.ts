import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { appendOutput } from "../../src/store/output.ts";
import { prune } from "../../src/store/prune.ts";
import { openTestStore } from "../support/store.ts";

async function setUp(t: TestContext) {
  const store = await openTestStore(t);
  return {
    ...store,
    keep: (bytes: number) => prune(store, { before: null, keepBytes: bytes }),
    deliveries: async () =>
      (await store.db.selectFrom("deliveries").select("id").orderBy("id").execute()).map(({ id }) => id),
  };
}

function piece(runId: number, seq: number, bytes: Uint8Array) {
  return { runId, attempt: 1, seq, stream: "stdout", at: 1, bytes } as const;
}

describe("pruning by size", () => {
  it("removes the oldest until the database has no more in use", async (t) => {
    const { db, queueRun, size, keep, deliveries } = await setUp(t);
    for (let n = 0; n < 1_000; n++) await queueRun("deploy", { receivedAt: n });
    const { usedBytes: first } = await size();
    await db.updateTable("runs").set({ status: "failed", finished_at: 1 }).execute();
    await appendOutput(
      db,
      Array.from({ length: 1_000 }, (_, n) => piece(n + 1, 0, Buffer.alloc(5_000))),
    );
    const { usedBytes: full, totalBytes } = await size();
    const wanted = Math.round((first + full) / 2);
    const { deliveries: gone } = await keep(wanted);
    assert.ok((await size()).usedBytes <= wanted);
    assert.ok(gone > 100 && gone < 900, `${gone} are gone`);
    assert.equal((await deliveries())[0], gone + 1);
    assert.equal((await size()).totalBytes, totalBytes, "what is free is used again");
  });

  it("ends when there is nothing left that may go", async (t) => {
    const { queueRun, accept, keep, deliveries } = await setUp(t);
    await queueRun();
    await accept();
    assert.deepEqual(await keep(0), { deliveries: 1, runs: 0 });
    assert.deepEqual(await deliveries(), [1]);
  });
});
