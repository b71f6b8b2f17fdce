import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keepRefusals, listRefusals, MAX_REFUSALS, type Refusal } from "../../src/store/refusals.ts";
import { openTestStore } from "../support/store.ts";

const refusal = (at: number): Refusal => ({
  at,
  source: "github",
  code: "signature_mismatch",
  peer: "203.0.113.7",
  event: "push",
  guid: "g",
  webhookId: "7",
});

describe("refusals", () => {
  it("are kept with all that they claim, newest first", async (t) => {
    const { db } = await openTestStore(t);
    const bare = {
      at: 2,
      source: null,
      code: "not_found",
      peer: null,
      event: null,
      guid: null,
      webhookId: null,
    };
    await keepRefusals(db, [refusal(1), bare]);
    assert.deepEqual(await listRefusals(db, 10), [
      { id: 2, ...bare },
      { id: 1, ...refusal(1) },
    ]);
    assert.equal((await listRefusals(db, 1)).length, 1);
  });

  it("are forgotten beyond the last thousand, however they come in", async (t) => {
    const { db } = await openTestStore(t);
    const many = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => refusal(from + index));
    for (const [from, to] of [
      [1, 999],
      [1_000, 1_001],
      [1_002, 1_100],
    ] as const) {
      await keepRefusals(db, many(from, to));
    }
    const kept = await listRefusals(db, 10_000);
    assert.deepEqual([kept.length, kept[0]?.at, kept.at(-1)?.at], [MAX_REFUSALS, 1_100, 101]);
    await keepRefusals(db, []);
    assert.equal((await listRefusals(db, 10_000)).length, MAX_REFUSALS);
  });
});
