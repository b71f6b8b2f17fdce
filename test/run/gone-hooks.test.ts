import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startWorker } from "../support/worker.ts";

describe("a queued run whose hook is gone", () => {
  it("fails with that reason", async (t) => {
    const work = await startWorker(t);
    const { status, reason, attempt } = await work.ended(await work.start("removed"));
    assert.deepEqual([status, attempt], ["failed", 0]);
    assert.equal(
      reason,
      "the hook removed is gone: its file is no longer in the hooks folder, or no longer executable",
    );
    assert.deepEqual(
      work.log.filter(({ level }) => level === "warn").map(({ fields }) => fields),
      [{ hook: "removed", runs: 1 }],
    );
  });

  it("waits while its file is there, though it is not loaded", async (t) => {
    const work = await startWorker(t);
    work.files.add("broken");
    const waiting = await work.start("broken");
    await work.ended(await work.start("removed"));
    assert.equal((await work.find(waiting)).status, "queued");
  });

  it("waits until the folder has been read after it was queued: the receiver may have found the hook first", async (t) => {
    const work = await startWorker(t);
    const queued = await work.start("new", { receivedAt: Date.now() + 600_000 });
    const due = await work.start("new", { receivedAt: 1 });
    await work.ended(due);
    assert.equal((await work.find(queued)).status, "queued");
  });
});
