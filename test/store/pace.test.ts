import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Pace } from "../../src/store/pace.ts";

/** Takes this long, as far as the clock that is asked can tell. */
function busy(ms: number): void {
  for (const start = performance.now(); performance.now() - start < ms; );
}

describe("the pace", () => {
  it("grows while it is quick, up to its most", async () => {
    const pace = new Pace({ first: 4, most: 9 });
    const counts: number[] = [];
    for (let n = 0; n < 4; n++) counts.push(await pace.measure(async () => pace.count));
    assert.deepEqual(counts, [4, 6, 8, 9]);
  });

  it("halves when it was slow, down to one", async () => {
    const pace = new Pace({ first: 5, most: 9 });
    const counts: number[] = [];
    for (let n = 0; n < 4; n++)
      counts.push(
        await pace.measure(async () => {
          busy(5);
          return pace.count;
        }),
      );
    assert.deepEqual(counts, [5, 2, 1, 1]);
  });
});
