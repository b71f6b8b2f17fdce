import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hook, Trigger } from "../../src/match/hook.ts";
import { asTriggered, isForeign, judge, needsChangedFiles } from "../../src/match/match.ts";
import { type Payload, readFacts } from "../../src/match/payload.ts";
import { sample } from "../support/github.ts";
import { hook, incoming } from "../support/verdicts.ts";

const BASE = { ref: "main", sha: "b".repeat(40) };
const MERGE = "c".repeat(40);
const OURS = { full_name: "acme/site" };
const THEIRS = { full_name: "mallory/site" };

/** A pull request to `main` whose head is in that repository. */
function pullRequest(repo: object | null | undefined, changes: object = {}): Payload {
  const head = { ref: "dev", sha: "d".repeat(40), repo };
  return {
    action: "opened",
    number: 7,
    pull_request: { number: 7, merge_commit_sha: MERGE, base: BASE, head },
    repository: OURS,
    ...changes,
  };
}

function workflowRun(head: object | null | undefined): Payload {
  return {
    action: "completed",
    workflow_run: { head_branch: "main", head_repository: head, name: "CI" },
    repository: OURS,
  };
}

function verdictOf(event: string, payload: Payload, changes: Partial<Hook>, ...on: Trigger[]) {
  const hooks = [{ ...hook("ci", ...on), ...changes }];
  const [verdict] = judge(incoming(event, payload), readFacts(event, payload), hooks);
  assert.ok(verdict);
  return verdict;
}

const REMEDY =
  "a stranger may have written its code. Who has looked at it can start this hook with `longshore deliveries replay`; `forks: run` lets all match";
const EVENTS_WITH_CODE = [
  "pull_request",
  "pull_request_review",
  "pull_request_review_comment",
  "pull_request_review_thread",
] as const;

describe("what comes from a fork", () => {
  for (const event of EVENTS_WITH_CODE) {
    it(`starts no hook on ${event}, and says how to approve it`, () => {
      const { matches, checks } = verdictOf(event, pullRequest(THEIRS), {}, { event });
      assert.equal(matches, false);
      assert.deepEqual(checks.at(-1), {
        filter: "forks",
        passed: false,
        reason: `it comes from the fork \`mallory/site\`: ${REMEDY}`,
      });
    });
  }

  it("starts no hook on workflow_run", () => {
    const { matches, checks } = verdictOf("workflow_run", workflowRun(THEIRS), {}, { event: "workflow_run" });
    assert.equal(matches, false);
    assert.equal(checks.at(-1)?.reason, `it comes from the fork \`mallory/site\`: ${REMEDY}`);
  });

  for (const gone of [null, undefined, {}, { full_name: 5 }]) {
    it(`is also what comes from a head repository that is ${JSON.stringify(gone)}`, () => {
      for (const [event, payload] of [
        ["pull_request", pullRequest(gone)],
        ["workflow_run", workflowRun(gone)],
      ] as const) {
        const { matches, checks } = verdictOf(event, payload, {}, { event });
        assert.equal(matches, false);
        assert.equal(checks.at(-1)?.reason, `it comes from a repository that is gone: ${REMEDY}`);
      }
    });
  }

  it("is whatever has no pull request or workflow run in it where there must be one", () => {
    assert.equal(readFacts("pull_request", { repository: OURS }).isFromFork, true);
    assert.equal(readFacts("workflow_run", { workflow_run: null, repository: OURS }).isFromFork, true);
    assert.equal(readFacts("pull_request", { pull_request: "x" }).isFromFork, true);
  });

  it("starts a hook that says `forks: run`, as a foreign one", () => {
    const { matches, checks } = verdictOf(
      "pull_request",
      pullRequest(THEIRS),
      { forks: "run" },
      { event: "pull_request" },
    );
    assert.equal(matches, true);
    assert.equal(checks.at(-1)?.reason, "it comes from the fork `mallory/site`");
    const facts = readFacts("pull_request", pullRequest(THEIRS));
    assert.equal(isForeign("pull_request", facts), true);
    assert.equal(isForeign("pull_request_target", facts), false);
  });

  it("is nothing that comes from the repository itself, however its name is written", () => {
    for (const repo of [OURS, { full_name: "Acme/Site" }]) {
      const { matches, checks } = verdictOf("pull_request", pullRequest(repo), {}, { event: "pull_request" });
      assert.deepEqual([matches, checks.some(({ filter }) => filter === "forks")], [true, false]);
    }
    assert.equal(readFacts("workflow_run", workflowRun(OURS)).isFromFork, false);
    assert.equal(readFacts("push", { repository: OURS }).isFromFork, false);
    assert.equal(readFacts("issue_comment", { repository: OURS }).isFromFork, false);
  });

  it("is no pull request of GitHub's samples but those whose repositories differ", () => {
    const facts = readFacts("pull_request", sample("pull_request", "opened"));
    assert.deepEqual([facts.isFromFork, facts.headRepository], [false, facts.repository]);
  });
});

describe("pull_request_target", () => {
  const target: Trigger = { event: "pull_request_target" };

  it("is for pull requests, from forks as well", () => {
    for (const repo of [OURS, THEIRS, null]) {
      const { matches, checks } = verdictOf("pull_request", pullRequest(repo), {}, target);
      assert.equal(matches, true);
      assert.deepEqual(checks, [
        { filter: "on", passed: true, reason: "the event is `pull_request`" },
        {
          filter: "pull_request_target.types",
          passed: true,
          reason: "`opened` is one of [opened, synchronize, reopened] (the default)",
        },
      ]);
    }
  });

  it("has the filters of pull_request: types, the base branch, paths", () => {
    const payload = pullRequest(THEIRS, { action: "closed" });
    const filtered: Trigger = { ...target, types: ["closed"], branches: ["main"], paths: ["src/**"] };
    const verdict = verdictOf("pull_request", payload, {}, filtered);
    assert.equal(verdict.matches, true);
    assert.equal(needsChangedFiles(verdict), true);
    assert.equal(verdictOf("pull_request", payload, {}, target).matches, false);
    assert.equal(verdictOf("pull_request", payload, {}, { ...filtered, branches: ["dev"] }).matches, false);
  });

  it("comes as no event of its own", () => {
    assert.equal(verdictOf("pull_request_target", pullRequest(OURS), {}, target).matches, false);
  });

  it("tells a hook of the base, not of what the pull request brings along", () => {
    const facts = readFacts("pull_request", pullRequest(THEIRS));
    const triggered = asTriggered(incoming("pull_request"), facts, hook("ci", target));
    assert.equal(triggered.event, "pull_request_target");
    assert.deepEqual([triggered.facts.ref, triggered.facts.sha], ["refs/heads/main", BASE.sha]);
    assert.deepEqual([triggered.facts.headRef, triggered.facts.baseRef], ["dev", "main"]);
  });
});

describe("a hook on pull_request and pull_request_target", () => {
  const both: Trigger[] = [
    { event: "pull_request" },
    { event: "pull_request_target", types: ["opened", "labeled"] },
  ];
  const eventOf = (payload: Payload, on: Trigger[], changes: Partial<Hook> = {}) =>
    asTriggered(incoming("pull_request", payload), readFacts("pull_request", payload), {
      ...hook("ci", ...on),
      ...changes,
    }).event;

  it("matches by the one that matches, and has only its checks", () => {
    const { matches, checks } = verdictOf("pull_request", pullRequest(THEIRS), {}, ...both);
    assert.equal(matches, true);
    assert.deepEqual(
      checks.map(({ filter }) => filter),
      ["on", "pull_request_target.types"],
    );
  });

  it("has the checks of both when neither matches", () => {
    const payload = pullRequest(THEIRS, { action: "closed" });
    const { matches, checks } = verdictOf("pull_request", payload, {}, ...both);
    assert.equal(matches, false);
    assert.deepEqual(
      checks.map(({ filter }) => filter),
      ["on", "pull_request.types", "forks", "pull_request_target.types"],
    );
  });

  it("has a condition that is asked of each as that means the delivery", () => {
    const isTarget = {
      if: "github.event_name == 'pull_request_target' && github.ref == 'refs/heads/main'",
    };
    const { matches, checks } = verdictOf("pull_request", pullRequest(OURS), isTarget, ...both);
    assert.equal(matches, true);
    assert.deepEqual(
      checks.map(({ filter }) => filter),
      ["on", "pull_request_target.types", "if"],
    );
    assert.equal(eventOf(pullRequest(OURS), both, isTarget), "pull_request_target");
    assert.equal(eventOf(pullRequest(OURS), both, { if: "github.ref != 'x'" }), "pull_request");
  });

  it("is undecided by an error only where the error alone keeps one of the two from matching", () => {
    const broken = { if: "fromJSON(github.event.pull_request.head.ref)" };
    const errorOf = (payload: Payload) => verdictOf("pull_request", payload, broken, ...both).error;
    assert.equal(errorOf(pullRequest(OURS, { action: "labeled" })), true);
    assert.equal(errorOf(pullRequest(OURS, { action: "closed" })), undefined);
  });

  it("runs as the first that matches", () => {
    assert.equal(eventOf(pullRequest(OURS), both), "pull_request");
    assert.equal(eventOf(pullRequest(OURS), both.toReversed()), "pull_request_target");
    assert.equal(eventOf(pullRequest(THEIRS), both), "pull_request_target");
    assert.equal(eventOf(pullRequest(THEIRS), both, { forks: "run" }), "pull_request");
    assert.equal(eventOf(pullRequest(OURS, { action: "labeled" }), both), "pull_request_target");
  });

  it("runs as the first when a person replays what neither asks for", () => {
    const closed = pullRequest(THEIRS, { action: "closed" });
    assert.equal(eventOf(closed, both), "pull_request");
    assert.equal(eventOf(closed, both.slice(1)), "pull_request_target");
    assert.equal(eventOf(closed, [{ event: "push" }]), "pull_request");
  });
});

describe("pull_request_comment", () => {
  const comment = (issue: object): Payload => ({ action: "created", issue, repository: OURS });
  const on: Trigger = { event: "pull_request_comment", types: ["created"] };

  it("is for comments on pull requests, not on issues", () => {
    const onPullRequest = verdictOf("issue_comment", comment({ pull_request: { url: "x" } }), {}, on);
    assert.equal(onPullRequest.matches, true);
    assert.equal(onPullRequest.checks[1]?.reason, "the comment is on a pull request");
    const onIssue = verdictOf("issue_comment", comment({}), {}, on);
    assert.equal(onIssue.matches, false);
    assert.deepEqual(onIssue.checks[1], {
      filter: "pull_request_comment",
      passed: false,
      reason: "the comment is on an issue",
    });
  });

  it("is told apart from issue_comment, which is for both", () => {
    for (const issue of [{}, { pull_request: { url: "x" } }])
      assert.equal(verdictOf("issue_comment", comment(issue), {}, { event: "issue_comment" }).matches, true);
  });
});
