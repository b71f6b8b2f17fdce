import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judge } from "../../src/match/match.ts";
import { checksOf, hook, incoming, NOTHING, push } from "../support/verdicts.ts";

describe("judge", () => {
  it("gives a verdict for every hook, in their order", () => {
    const hooks = [
      hook("z", { event: "push" }),
      hook("a", { event: "issues" }),
      hook("m", { event: "push" }),
    ];
    assert.deepEqual(
      judge(incoming("push"), push("refs/heads/main"), hooks).map((verdict) => [
        verdict.hook,
        verdict.matches,
      ]),
      [
        ["z", true],
        ["a", false],
        ["m", true],
      ],
    );
  });

  it("says which event a hook waits for", () => {
    const waiting = hook("deploy", { event: "push" }, { event: "release" });
    assert.deepEqual(judge(incoming("issues"), NOTHING, [waiting]), [
      {
        hook: "deploy",
        matches: false,
        checks: [{ filter: "on", passed: false, reason: "`issues` is not among [push, release]" }],
      },
    ]);
  });

  it("says of a match what matched", () => {
    const trigger = { event: "push", branches: ["main", "release/**"] };
    assert.deepEqual(checksOf(trigger, "push", push("refs/heads/release/1")), [
      { filter: "on", passed: true, reason: "the event is `push`" },
      { filter: "push.branches", passed: true, reason: "`release/1` matches [main, release/**]" },
    ]);
  });

  it("asks all filters, so that one look shows all that stands in the way", () => {
    const trigger = { event: "pull_request", types: ["labeled"], branches: ["release/*"] };
    assert.deepEqual(checksOf(trigger, "pull_request", { action: "opened", baseRef: "main" }), [
      { filter: "on", passed: true, reason: "the event is `pull_request`" },
      { filter: "pull_request.types", passed: false, reason: "`opened` is none of [labeled]" },
      { filter: "pull_request.branches", passed: false, reason: "`main` matches none of [release/*]" },
    ]);
  });

  it("uses the trigger of the event that came", () => {
    const both = hook(
      "both",
      { event: "push", branches: ["main"] },
      { event: "release", types: ["published"] },
    );
    const facts = { ...NOTHING, action: "published", ref: "refs/tags/v1" };
    assert.equal(judge(incoming("release"), facts, [both])[0]?.matches, true);
    assert.equal(judge(incoming("push"), facts, [both])[0]?.matches, false);
  });

  it("compares names of events, branches and repositories only as texts, never as paths (stories 22, 23)", () => {
    const hooks = [
      hook("deploy", { event: "push", branches: ["main"] }),
      hook("../../bin/sh", { event: "issues" }),
    ];
    for (const event of [
      "../../../../usr/bin/env",
      "/bin/sh",
      "push/../push",
      "PUSH",
      "push ",
      "constructor",
      "__proto__",
    ]) {
      assert.ok(
        !judge(incoming(event), push("refs/heads/main"), hooks).some(({ matches }) => matches),
        event,
      );
    }
    for (const ref of [
      "refs/heads/../main",
      "refs/heads/main/..",
      "refs/heads/x/main",
      "refs/heads/./main",
      "main",
    ]) {
      assert.ok(!judge(incoming("push"), push(ref), hooks).some(({ matches }) => matches), ref);
    }
  });

  it("is for an event whose name is also a name in JavaScript", () => {
    const [verdict] = judge(incoming("constructor"), NOTHING, [hook("odd", { event: "constructor" })]);
    assert.equal(verdict?.matches, true);
  });
});
