import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Pace } from "../../src/store/pace.ts";

/** What is taken each time, when every time takes so long by the clock. */
async function countsAt(tookMs: number, first: number): Promise<number[]> {
  let now = 0;
  const pace = new Pace({ first, most: 9, aimMs: 3, now: () => now });
  const counts: number[] = [];
  for (let n = 0; n < 4; n++)
    counts.push(
      await pace.measure(async () => {
        now += tookMs;
        return pace.count;
      }),
    );
  return counts;
}

describe("the pace", () => {
  it("grows while it is quick, up to its most", async () => {
    assert.deepEqual(await countsAt(1, 4), [4, 6, 8, 9]);
  });

  it("halves when it was slow, down to one", async () => {
    assert.deepEqual(await countsAt(5, 5), [5, 2, 1, 1]);
  });
});
