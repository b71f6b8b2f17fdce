import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { didYouMean, nearest } from "../../src/lib/suggest.ts";

const WORDS = ["branches", "tags", "types", "paths"];

describe("nearest", () => {
  const cases: [word: string, meant: string | undefined][] = [
    ["branch", "branches"],
    ["Branches", "branches"],
    ["brnaches", "branches"],
    ["tag", "tags"],
    ["type", "types"],
    ["x", undefined],
    ["repositories", undefined],
  ];
  for (const [word, meant] of cases) {
    it(`finds ${meant ?? "nothing"} for "${word}"`, () => assert.equal(nearest(word, WORDS), meant));
  }

  it("takes the first of several that are equally near", () => {
    assert.equal(nearest("bat", ["cat", "hat"]), "cat");
  });

  it("finds nothing where there are no words", () => assert.equal(nearest("push", []), undefined));
});

describe("didYouMean", () => {
  it("is a sentence to be put behind another", () => {
    assert.equal(didYouMean("branch", WORDS), ' Did you mean "branches"?');
  });

  it("is empty when nothing is near", () => assert.equal(didYouMean("elephant", WORDS), ""));
});
