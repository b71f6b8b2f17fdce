import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hook, Trigger } from "../../src/match/hook.ts";
import { judge } from "../../src/match/match.ts";
import { readFacts } from "../../src/match/payload.ts";

function verdictOn(on: readonly Trigger[], event: string, payload: Record<string, unknown>) {
  const hook: Hook = { name: "one", file: "app", on, work: { kind: "listener", timeoutMs: 1 } };
  const [verdict] = judge({ source: "github", event, payload }, readFacts(event, payload), [hook]);
  return [verdict?.matches, verdict?.checks.map(({ reason }) => reason).join()];
}

describe("a listener", () => {
  it("is for all of an event, for one with its action, or for everything", () => {
    const opened = { action: "opened" };
    const on = [{ event: "push" }, { event: "issues", types: ["opened"] }];
    assert.deepEqual(verdictOn(on, "push", {}), [true, "`push` is among [push, issues.opened]"]);
    assert.deepEqual(verdictOn(on, "issues", opened), [
      true,
      "`issues.opened` is among [push, issues.opened]",
    ]);
    assert.deepEqual(verdictOn(on, "issues", { action: "closed" }), [
      false,
      "`issues.closed` is not among [push, issues.opened]",
    ]);
    assert.equal(verdictOn(on, "issues", {})[0], false);
    assert.equal(verdictOn([{ event: "*" }], "star", {})[0], true);
  });

  it("is told of what a hook has to ask for: deletions, other types, forks, skipped commits", () => {
    const wanted = [{ event: "push" }, { event: "pull_request" }];
    const head = { repo: { full_name: "stranger/site" } };
    for (const [event, payload] of [
      ["push", { deleted: true }],
      ["push", { head_commit: { message: "[skip ci]" } }],
      ["pull_request", { action: "labeled", pull_request: { head } }],
    ] as const)
      assert.equal(verdictOn(wanted, event, payload)[0], true);
  });
});
