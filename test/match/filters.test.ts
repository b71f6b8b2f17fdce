import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judge } from "../../src/match/match.ts";
import { type Facts, readFacts } from "../../src/match/payload.ts";
import { sample } from "../support/github.ts";
import { checksOf, hook, incoming, push } from "../support/verdicts.ts";

describe("the filter types", () => {
  it("takes the named types", () => {
    const trigger = { event: "issues", types: ["opened", "closed"] };
    assert.deepEqual(checksOf(trigger, "issues", { action: "closed" })[1], {
      filter: "issues.types",
      passed: true,
      reason: "`closed` is one of [opened, closed]",
    });
  });

  for (const action of ["opened", "synchronize", "reopened"]) {
    it(`takes a pull request that is ${action} when no types are named`, () => {
      assert.deepEqual(checksOf({ event: "pull_request" }, "pull_request", { action })[1], {
        filter: "pull_request.types",
        passed: true,
        reason: `\`${action}\` is one of [opened, synchronize, reopened] (the default)`,
      });
    });
  }

  for (const action of ["closed", "labeled", "edited", "ready_for_review"]) {
    it(`does not take a pull request that is ${action} when no types are named`, () => {
      assert.deepEqual(checksOf({ event: "pull_request" }, "pull_request", { action })[1], {
        filter: "pull_request.types",
        passed: false,
        reason: `\`${action}\` is none of [opened, synchronize, reopened] (the default)`,
      });
    });
  }

  for (const [event, action] of [
    ["issues", "transferred"],
    ["pull_request_review", "dismissed"],
    ["release", "deleted"],
    ["push", null],
  ] as const) {
    it(`takes every type of ${event} when none are named`, () => {
      assert.deepEqual(checksOf({ event }, event, { action, ref: "refs/heads/main" }), [
        { filter: "on", passed: true, reason: `the event is \`${event}\`` },
      ]);
    });
  }

  it("says it when there is no action at all", () => {
    assert.deepEqual(checksOf({ event: "push", types: ["created"] }, "push", push("refs/heads/main"))[1], {
      filter: "push.types",
      passed: false,
      reason: "it has no action, which must be one of [created]",
    });
  });
});

describe("the filter branches", () => {
  const cases: [
    what: string,
    event: string,
    facts: Partial<Facts>,
    branches: string[],
    reason: string,
    passed: boolean,
  ][] = [
    ["a push by its branch", "push", push("refs/heads/main"), ["main"], "`main` matches [main]", true],
    [
      "a branch with slashes whole",
      "push",
      push("refs/heads/feature/x"),
      ["feature/*"],
      "`feature/x` matches [feature/*]",
      true,
    ],
    [
      "a push to another branch",
      "push",
      push("refs/heads/dev"),
      ["main", "v*"],
      "`dev` matches none of [main, v*]",
      false,
    ],
    [
      "an excluded branch",
      "push",
      push("refs/heads/wip"),
      ["*", "!wip"],
      "`wip` matches none of [*, !wip]",
      false,
    ],
    [
      "a tag, whatever its name",
      "push",
      push("refs/tags/main"),
      ["**"],
      "`refs/tags/main` is no branch",
      false,
    ],
    [
      "a pull request by its base",
      "pull_request",
      { action: "opened", baseRef: "main", headRef: "dev", ref: "refs/pull/7/merge" },
      ["main"],
      "`main` matches [main]",
      true,
    ],
    [
      "a pull request by its head",
      "pull_request",
      { action: "opened", baseRef: "main", headRef: "dev" },
      ["dev"],
      "`main` matches none of [dev]",
      false,
    ],
    [
      "a workflow run by its head",
      "workflow_run",
      { headRef: "dev", ref: "refs/heads/main" },
      ["dev"],
      "`dev` matches [dev]",
      true,
    ],
    [
      "a workflow run by the default branch",
      "workflow_run",
      { headRef: "dev", ref: "refs/heads/main" },
      ["main"],
      "`dev` matches none of [main]",
      false,
    ],
    [
      "a merge group by its base",
      "merge_group",
      { baseRef: "main", ref: "refs/heads/gh-readonly-queue/main/pr-1" },
      ["main"],
      "`main` matches [main]",
      true,
    ],
    ["a delivery that has no ref", "issues", { ref: null }, ["**"], "`this delivery` is no branch", false],
  ];
  for (const [what, event, facts, branches, reason, passed] of cases) {
    it(`${passed ? "takes" : "does not take"} ${what}`, () => {
      assert.deepEqual(checksOf({ event, branches }, event, facts).at(-1), {
        filter: `${event}.branches`,
        passed,
        reason,
      });
    });
  }

  it("takes GitHub's own samples by the right branch", () => {
    const pullRequest = readFacts("pull_request", sample("pull_request", "opened"));
    const base = pullRequest.baseRef ?? "";
    const [verdict] = judge(incoming("pull_request"), pullRequest, [
      hook("ci", { event: "pull_request", branches: [base] }),
    ]);
    assert.equal(verdict?.matches, true);
    const run = readFacts("workflow_run", sample("workflow_run", "requested"));
    const [other] = judge(incoming("workflow_run"), run, [
      hook("cd", { event: "workflow_run", branches: [run.headRef ?? ""] }),
    ]);
    assert.equal(other?.matches, true);
  });
});

describe("a push that deletes its ref", () => {
  it("starts nothing, even where its branch is asked for", () => {
    const facts = push("refs/heads/feature/x", { deleted: true, after: "0".repeat(40) });
    assert.deepEqual(checksOf({ event: "push", branches: ["**"] }, "push", facts), [
      { filter: "on", passed: true, reason: "the event is `push`" },
      { filter: "push.deleted", passed: false, reason: "this push deletes `feature/x`" },
      { filter: "push.branches", passed: true, reason: "`feature/x` matches [**]" },
    ]);
  });

  it("is told apart from an event that is about a deletion", () => {
    const facts = readFacts("delete", { ref: "x", ref_type: "branch", deleted: true });
    assert.equal(judge(incoming("delete"), facts, [hook("tidy", { event: "delete" })])[0]?.matches, true);
  });
});
