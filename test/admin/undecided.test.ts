import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startAdmin } from "../support/admin.ts";

describe("a hook that cannot tell whether it is for a delivery", () => {
  it("needs attention, with its reason and the newest delivery, until somebody replays that", async (t) => {
    const admin = await startAdmin(t, {
      files: {
        "odd.yml": "on: push\nif: fromJSON(github.ref) == 1\nrun: echo\n",
        "sure.yml": "on: issues\nrun: echo\n",
      },
    });
    const undecided = async () =>
      (await admin.ask("/api/overview")).json.attention.filter(
        ({ kind }: { kind: string }) => kind === "undecided",
      );
    assert.deepEqual(await undecided(), []);
    await admin.deliver();
    const { delivery } = await admin.deliver();
    const [found, ...others] = await undecided();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [found.hook, found.delivery, found.count, found.severity],
      ["odd", delivery, 2, "error"],
    );
    assert.match(found.message, /^odd could not tell whether it is for a delivery: .*fromJSON/);

    const { status } = await admin.ask(`/api/deliveries/${delivery}/replay`, {
      method: "POST",
      body: { hook: "odd" },
    });
    assert.equal(status, 200);
    assert.deepEqual(
      (await undecided()).map(({ count }: { count: number }) => count),
      [1],
    );
  });
});
