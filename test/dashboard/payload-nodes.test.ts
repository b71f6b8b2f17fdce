import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  bucketsOf,
  findMatches,
  keyOf,
  keysTo,
  MAX_MATCHES,
  pathText,
} from "../../dashboard/src/pages/delivery/payload-nodes.ts";

describe("bucketsOf()", () => {
  it("leaves a hundred as they are, and parts more into at most a hundred", () => {
    assert.equal(bucketsOf({ from: 0, to: 100 }), undefined);
    assert.deepEqual(bucketsOf({ from: 0, to: 250 }), [
      { from: 0, to: 100 },
      { from: 100, to: 200 },
      { from: 200, to: 250 },
    ]);
    assert.equal(bucketsOf({ from: 0, to: 2_500_000 })?.length, 3);
    assert.equal(bucketsOf({ from: 1_000_000, to: 2_000_000 })?.length, 100);
  });
});

describe("findMatches()", () => {
  const payload = { action: "opened", labels: [{ name: "Bug" }, { name: "debug" }], number: 42 };

  it("finds names and values, in the order of the payload, whatever the case", () => {
    assert.deepEqual(
      findMatches(payload, "BUG").matches.map(({ path }) => pathText(path)),
      ["labels[0].name", "labels[1].name"],
    );
    assert.deepEqual(
      findMatches(payload, "label").matches.map(({ path }) => pathText(path)),
      ["labels"],
    );
    assert.deepEqual(findMatches(payload, "42").matches, [{ path: ["number"], preview: "42" }]);
  });

  it("says when there are more than it shows", () => {
    const { matches, hasMore } = findMatches(Array(1_000).fill("x"), "x");
    assert.deepEqual([matches.length, hasMore], [MAX_MATCHES, true]);
  });

  it("goes through lists longer than a call's arguments, and through deep nesting", () => {
    assert.equal(findMatches(Array(500_000).fill(0), "nothing").matches.length, 0);
    let deep: unknown = "needle";
    for (let depth = 0; depth < 5_000; depth++) deep = [deep];
    assert.equal(findMatches(deep, "needle").matches[0]?.path.length, 5_000);
  });
});

describe("keysTo()", () => {
  it("names all that has to be open for a place to be seen, buckets included", () => {
    const payload = { commits: Array.from({ length: 250 }, (_, id) => ({ id })) };
    assert.deepEqual(keysTo(payload, ["commits", 120, "id"]), [
      keyOf([]),
      keyOf(["commits"]),
      keyOf(["commits"], { from: 100, to: 200 }),
      keyOf(["commits", 120]),
    ]);
  });
});
