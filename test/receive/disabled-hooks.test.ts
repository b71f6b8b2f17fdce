import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { finishRun } from "../../src/store/run-ends.ts";
import { claimRuns } from "../../src/store/run-queue.ts";
import { deliveryOf } from "../support/contract.ts";
import { delivery } from "../support/github.ts";
import { fetchRaw } from "../support/http.ts";
import { pushHook, startReceiver } from "../support/receiver.ts";

describe("a hook that is disabled", () => {
  it("gets no run, neither for a new delivery nor for one that failed and is sent again", async (t) => {
    const receiver = await startReceiver(t);
    const outgoing = delivery();
    const first = await deliveryOf(receiver, await fetchRaw(receiver.url, outgoing));
    const claim = { worker: "w", hooks: ["deploy"], limit: 1, now: Date.now(), leaseMs: 1_000 };
    const [run] = await claimRuns(receiver.db, claim);
    const failure = { status: "failed", exitCode: 1, signal: null, reason: null } as const;
    await finishRun(receiver.db, { ...(run ?? assert.fail()), worker: "w" }, failure, Date.now());

    receiver.hooks = [pushHook("deploy", { disabled: true })];
    assert.equal((await receiver.send()).status, 204);
    const again = await fetchRaw(receiver.url, outgoing);
    assert.deepEqual(again.json, { delivery: first.id, duplicate: true, runs: [] });

    receiver.hooks = [pushHook("deploy")];
    assert.equal((await fetchRaw(receiver.url, outgoing)).status, 202);
  });
});
