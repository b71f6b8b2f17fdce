import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadSamples } from "../../src/github/samples.ts";
import { GITHUB_PROPERTIES } from "../../src/match/contexts.ts";
import type { Check } from "../../src/match/filters.ts";
import type { Hook } from "../../src/match/hook.ts";
import { judge, type Verdict } from "../../src/match/match.ts";
import { type Payload, readFacts } from "../../src/match/payload.ts";
import { pushPayload, sample } from "../support/github.ts";
import { incoming } from "../support/verdicts.ts";

function verdictOf(event: string, payload: Payload, changes: Partial<Hook>): Verdict {
  const hook: Hook = {
    name: "deploy",
    file: "deploy.yml",
    on: [{ event }],
    work: { kind: "script", script: "true", env: {}, timeoutMs: 60_000 },
    ...changes,
  };
  const [verdict] = judge(incoming(event, payload), readFacts(event, payload), [hook]);
  return verdict ?? assert.fail();
}

/** What the condition of a hook on that event says. */
function checkOf(condition: string, event: string, payload: Payload, vars = {}): Check {
  const verdict = verdictOf(event, payload, { if: condition, vars });
  const check = verdict.checks.at(-1) ?? assert.fail();
  assert.equal(check.filter, "if");
  assert.equal(verdict.matches, check.passed);
  return check;
}

const branchPush = loadSamples().find(
  ({ event, payload }) => event === "push" && payload.ref === "refs/heads/master",
);

describe("a condition on GitHub's samples", () => {
  const push = branchPush?.payload ?? assert.fail();
  const table: [condition: string, event: string, payload: Payload, passed: boolean][] = [
    ["github.ref == 'refs/heads/master'", "push", push, true],
    ["github.ref == 'refs/heads/main'", "push", push, false],
    ["github.ref_name == github.event.repository.default_branch", "push", push, true],
    ["github.ref_type == 'branch' && !github.event.deleted", "push", push, true],
    ["github.event.deleted || github.event.forced", "push", push, false],
    ["!contains(github.event.head_commit.message, '[skip deploy]')", "push", push, true],
    ["contains(github.event.head_commit.message, 'INITIAL')", "push", push, true],
    ["contains(github.event.commits.*.author.username, 'codertocat')", "push", push, true],
    ["contains(join(github.event.commits.*.modified.*), 'README.md')", "push", push, false],
    ["contains(toJSON(github.event.commits.*.added), 'README.md')", "push", push, true],
    ["github.actor != 'dependabot[bot]'", "push", push, true],
    ["github.repository == 'codertocat/hello-world'", "push", push, true],
    ["github.repository_owner == 'Codertocat' && github.repository_id == 186853002", "push", push, true],
    [
      "github.repository_owner_id == '21031067' && github.actor_id == github.repository_owner_id",
      "push",
      push,
      true,
    ],
    ["startsWith(github.sha, '000')", "push", push, false],
    ["github.event_name == 'push' && github.workflow == 'deploy'", "push", push, true],
    ["github.triggering_actor == github.actor", "push", push, true],
    ["github.head_ref || github.base_ref", "push", push, false],
    ["github.ref_type == 'tag' && startsWith(github.ref, 'refs/tags/')", "create", sample("create"), true],

    ["github.event.action == 'opened'", "pull_request", sample("pull_request", "opened"), true],
    ["github.event.pull_request.draft == false", "pull_request", sample("pull_request", "opened"), true],
    ["!github.event.pull_request.draft", "pull_request", sample("pull_request", "reopened"), true],
    [
      "github.head_ref == 'changes' && github.base_ref == 'master'",
      "pull_request",
      sample("pull_request", "opened"),
      true,
    ],
    [
      "github.ref == format('refs/pull/{0}/merge', github.event.number)",
      "pull_request",
      sample("pull_request", "opened"),
      true,
    ],
    ["github.ref_name == '2/merge'", "pull_request", sample("pull_request", "opened"), true],
    [
      "github.event.pull_request.head.repo.full_name == github.repository",
      "pull_request",
      sample("pull_request", "opened"),
      true,
    ],
    [
      "contains(github.event.pull_request.labels.*.name, 'bug')",
      "pull_request",
      sample("pull_request", "synchronize"),
      true,
    ],
    [
      "contains(github.event.pull_request.labels.*.name, 'deploy')",
      "pull_request",
      sample("pull_request", "synchronize"),
      false,
    ],
    ["github.event.pull_request.merged == true", "pull_request", sample("pull_request", "closed"), false],
    [
      'contains(fromJSON(\'["OWNER", "MEMBER"]\'), github.event.pull_request.author_association)',
      "pull_request",
      sample("pull_request", "opened"),
      true,
    ],
    [
      "github.event.pull_request.milestone.title == ''",
      "pull_request",
      sample("pull_request", "opened"),
      true,
    ],

    [
      "github.event.workflow_run.conclusion == 'success'",
      "workflow_run",
      sample("workflow_run", "completed"),
      false,
    ],
    [
      "github.event.issue.pull_request && startsWith(github.event.comment.body, '/deploy')",
      "issue_comment",
      sample("issue_comment", "created"),
      false,
    ],
    ["github.event.release.prerelease == false", "release", sample("release", "published"), true],
    ["github.ref_name == github.event.release.tag_name", "release", sample("release", "published"), true],
    [
      "github.event.deployment_status.state == 'success' && github.sha",
      "deployment_status",
      sample("deployment_status"),
      true,
    ],
    [
      "case(github.event_name == 'status', github.event.state == 'success', false)",
      "status",
      sample("status"),
      true,
    ],
    ["github.event.client_payload.unit == false", "repository_dispatch", sample("repository_dispatch"), true],
  ];
  for (const [condition, event, payload, passed] of table) {
    it(`is ${passed}: ${condition}`, () => {
      const check = checkOf(condition, event, payload);
      assert.deepEqual([check.passed, check.error], [passed, undefined], check.reason);
    });
  }

  it("can ask every sample for everything that `github` has", () => {
    const all = GITHUB_PROPERTIES.map((name) => `github.${name}`).join(", ");
    const condition = `fromJSON(toJSON(github)).event_name == github.event_name && format('x{0}', ${all})`;
    const checks = loadSamples().map(({ event, payload }) =>
      verdictOf(event, payload, { if: condition }).checks.at(-1),
    );
    const wrong = checks.filter((check) => !check?.passed);
    assert.deepEqual(wrong, []);
  });
});

describe("a condition on what a delivery does not say", () => {
  const push = pushPayload();

  it("takes it for null, as Actions does (story 49)", () => {
    assert.equal(checkOf("!github.event.deployed", "push", push).passed, true);
    assert.equal(checkOf("github.event.deployed != true", "push", push).passed, true);
    assert.equal(checkOf("github.event.deployed == false", "push", push).passed, true);
    const { reason } = checkOf("github.event.deployed", "push", push);
    assert.equal(reason, "`github.event.deployed` is false: `github.event.deployed` is null");
  });
});

describe("a condition on a person", () => {
  it("is about the sender, whatever the commits say of their authors (story 41)", () => {
    const author = { name: "alice", username: "alice" };
    const forged = pushPayload({
      sender: { login: "mallory", id: 5 },
      pusher: author,
      head_commit: { author, committer: author },
      actor: "alice",
    });
    for (const name of ["actor", "triggering_actor"])
      assert.equal(checkOf(`github.${name} == 'alice'`, "push", forged).passed, false, name);
    assert.equal(checkOf("github.actor == 'mallory' && github.actor_id == 5", "push", forged).passed, true);
  });
});

describe("what a condition says", () => {
  const push = pushPayload({ commits: [], count: 3, note: null, long: "x".repeat(500) });
  const reasonOf = (condition: string, vars = {}) => checkOf(condition, "push", push, vars).reason;

  it("names the values that it is made of", () => {
    assert.equal(
      reasonOf("github.ref_name == vars.TARGET || github.event.note || github.event.count > 5", {
        TARGET: "live",
      }),
      '`github.ref_name == vars.TARGET || github.event.note || github.event.count > 5` is false: `github.ref_name` is "main", `vars.TARGET` is "live", `github.event.note` is null, `github.event.count` is 3',
    );
    assert.equal(reasonOf("true"), "`true` is true");
    assert.equal(
      reasonOf("github.event.commits && github.event.repository"),
      "`github.event.commits && github.event.repository` is true: `github.event.commits` is a list, `github.event.repository` is a map",
    );
  });

  it("is one line, and no longer than somebody wants to read", () => {
    assert.equal(
      reasonOf("github.event.deleted ==\n  false"),
      "`github.event.deleted == false` is true: `github.event.deleted` is false",
    );
    assert.ok(reasonOf("github.event.long").length < 120);
    assert.ok(reasonOf(`github.ref != '${"y".repeat(5_000)}'`).length < 300);
    assert.ok(reasonOf(`'x' == ${"github.ref || ".repeat(50)} github.sha`).length < 400);
  });

  it("has no error in it but where there is one", () => {
    assert.ok(!("error" in checkOf("false", "push", push)));
    assert.ok(!("error" in verdictOf("push", push, { if: "false" })));
  });
});

describe("a condition that cannot be evaluated", () => {
  const push = pushPayload({ list: "[1," });

  it("does not match, and the verdict says so", () => {
    assert.deepEqual(verdictOf("push", push, { if: "fromJSON(github.event.list)[0] == 1" }), {
      hook: "deploy",
      matches: false,
      error: true,
      checks: [
        { filter: "on", passed: true, reason: "the event is `push`" },
        {
          filter: "if",
          passed: false,
          reason: "`fromJSON(github.event.list)[0] == 1` cannot be evaluated: fromJSON: the text is not JSON",
          error: true,
        },
      ],
    });
  });

  it("makes no difference where another filter does not match either", () => {
    const on = [{ event: "push", branches: ["live"] }];
    const verdict = verdictOf("push", push, { on, if: "fromJSON(github.event.list)" });
    assert.equal(verdict.matches, false);
    assert.ok(!("error" in verdict));
    assert.equal(verdict.checks.at(-1)?.error, true);
  });

  it("keeps what strangers write out of its length", () => {
    const text = `{${"x".repeat(100_000)}`;
    const { reason, error } = checkOf("format(github.event.text)", "push", pushPayload({ text }));
    assert.equal(error, true);
    assert.ok(reason.length < 300);
  });

  it("is also one that is no expression, as hooks from elsewhere may have", () => {
    assert.match(
      checkOf("github.ref ==", "push", push).reason,
      /cannot be evaluated: the expression ends too early/,
    );
  });
});
