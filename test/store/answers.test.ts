import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findLastAnswer, saveAnswer } from "../../src/store/answers.ts";
import { openTestStore } from "../support/store.ts";
import { storeDelivery } from "../support/store-delivery.ts";

describe("the answers to a run's attempts", () => {
  it("are kept byte for byte; the newest is found, and none where there is none", async (t) => {
    const store = await openTestStore(t);
    const { runs } = await storeDelivery(store, { hooks: ["relay", "other"] });
    const [run = 0, other = 0] = runs;
    const first = { attempt: 2, status: 503, headers: [], body: new Uint8Array(), isTruncated: false };
    const second = {
      attempt: 10,
      status: 200,
      headers: [
        ["x-many", "a"],
        ["x-many", "b ☃"],
      ] as [string, string][],
      body: Uint8Array.of(0, 255, 10),
      isTruncated: true,
    };
    await saveAnswer(store.db, run, second);
    await saveAnswer(store.db, run, first);
    assert.deepEqual(await findLastAnswer(store.db, run), second);
    assert.equal(await findLastAnswer(store.db, other), undefined);
  });

  it("are one for each attempt: the first that was kept stays", async (t) => {
    const store = await openTestStore(t);
    const { runs } = await storeDelivery(store, { hooks: ["relay"] });
    const answer = { attempt: 1, status: 200, headers: [], body: new Uint8Array(), isTruncated: false };
    await saveAnswer(store.db, runs[0] ?? 0, answer);
    await saveAnswer(store.db, runs[0] ?? 0, { ...answer, status: 500 });
    assert.deepEqual(await findLastAnswer(store.db, runs[0] ?? 0), answer);
  });
});
