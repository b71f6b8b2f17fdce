import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judge } from "../../src/match/match.ts";
import { readFacts } from "../../src/match/payload.ts";
import { pushHook } from "../support/receiver.ts";
import { incoming } from "../support/verdicts.ts";

describe("a hook that is disabled", () => {
  it("matches nothing and says so, and what it would have said besides", () => {
    const facts = readFacts("push", { ref: "refs/heads/main" });
    assert.deepEqual(
      judge(incoming("push"), facts, [pushHook("deploy", { disabled: true }), pushHook("other")]),
      [
        {
          hook: "deploy",
          matches: false,
          checks: [
            {
              filter: "disabled",
              passed: false,
              reason: "the hook is disabled; `longshore hooks enable deploy` ends that",
            },
            { filter: "on", passed: true, reason: "the event is `push`" },
          ],
        },
        {
          hook: "other",
          matches: true,
          checks: [{ filter: "on", passed: true, reason: "the event is `push`" }],
        },
      ],
    );
  });
});
