import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOlder } from "../../src/store/run-age.ts";

const run = (delivery_id: number, pushed_at: number | null) => ({ delivery_id, pushed_at });

describe("isOlder", () => {
  for (const [what, mine, theirs, older] of [
    ["the push that GitHub took in earlier is older, whenever it came", run(9, 1_000), run(1, 2_000), true],
    ["the push that GitHub took in later is not, whenever it came", run(1, 2_000), run(9, 1_000), false],
    ["of pushes within one second the one that came earlier is", run(1, 1_000), run(2, 1_000), true],
    ["of pushes that do not say when, the one that came earlier is", run(2, null), run(1, 5_000), false],
    ["a run is not older than another for the same delivery", run(1, 1_000), run(1, 1_000), false],
  ] as const)
    it(what, () => assert.equal(isOlder(mine, theirs), older));
});
