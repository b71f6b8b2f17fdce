import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readFacts } from "../../src/match/payload.ts";
import { sample } from "../support/github.ts";

describe("when GitHub took a push in", () => {
  const pushedAt = (value: unknown, event = "push") =>
    readFacts(event, { repository: { pushed_at: value } }).pushedAt;

  it("is told in seconds", () => {
    assert.equal(pushedAt(1_700_000_000), 1_700_000_000_000);
    assert.equal(readFacts("push", sample("push")).pushedAt, 1_557_933_657_000);
  });

  it("is not known where that is missing or no time, and of other events", () => {
    for (const value of [undefined, null, "2023-11-14T22:13:20Z", -1, 1e300, {}])
      assert.equal(pushedAt(value), null);
    assert.equal(pushedAt(1_700_000_000, "issues"), null);
  });
});
