/** The rules of python-github-webhooks for which scripts a delivery is for, one by one. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { executableNames, inOrderOfRuns } from "../../src/match/executable.ts";
import type { Hook } from "../../src/match/hook.ts";
import { judge, type Verdict } from "../../src/match/match.ts";
import { type Payload, readFacts } from "../../src/match/payload.ts";
import { pushPayload, sample } from "../support/github.ts";
import { incoming } from "../support/verdicts.ts";

const site = { name: "site", full_name: "acme/site" };

function executable(name: string): Hook {
  const path = `/srv/hooks/${name}`;
  const event = name.split("-")[0] ?? "";
  return {
    name,
    file: path,
    on: [{ event }],
    work: { kind: "executable", path, folder: "/srv/hooks", timeoutMs: 1 },
  };
}

function verdictOf(name: string, event: string, payload: Payload): Verdict {
  const [verdict] = judge(incoming(event), readFacts(event, payload), [executable(name)]);
  return verdict ?? assert.fail();
}

/** The names that match, of all that could. */
function matching(event: string, payload: Payload, names: readonly string[]): string[] {
  return names.filter((name) => verdictOf(name, event, payload).matches);
}

const push = (ref: unknown, changes: object = {}): Payload => ({
  ref,
  deleted: false,
  repository: site,
  ...changes,
});

describe("the names of executables for a delivery", () => {
  const cases: [what: string, event: string, payload: Payload, names: string[]][] = [
    [
      "have the branch of a push",
      "push",
      push("refs/heads/main"),
      ["push-site-main", "push-site", "push", "all"],
    ],
    [
      "have slashes where the branch has them",
      "push",
      push("refs/heads/feature/x/y"),
      ["push-site-feature/x/y", "push-site", "push", "all"],
    ],
    [
      "have a pushed tag where a branch would stand",
      "push",
      push("refs/tags/v1"),
      ["push-site-v1", "push-site", "push", "all"],
    ],
    ["have no branch for a push whose ref has none", "push", push("main"), ["push-site", "push", "all"]],
    [
      "have no branch for a push whose ref ends too early",
      "push",
      push("refs/heads/"),
      ["push-site", "push", "all"],
    ],
    ["have no branch for a push without a ref", "push", push(undefined), ["push-site", "push", "all"]],
    ["have no branch for a push whose ref is no text", "push", push(7), ["push-site", "push", "all"]],
    [
      "have a new branch",
      "create",
      { ref: "feature/x", ref_type: "branch", repository: site },
      ["create-site-feature/x", "create-site", "create", "all"],
    ],
    [
      "have no branch for a new tag",
      "create",
      { ref: "v1", ref_type: "tag", repository: site },
      ["create-site", "create", "all"],
    ],
    [
      "have a deleted branch",
      "delete",
      { ref: "main", ref_type: "branch", repository: site },
      ["delete-site-main", "delete-site", "delete", "all"],
    ],
    [
      "have no branch for a deleted tag",
      "delete",
      { ref: "v1", ref_type: "tag", repository: site },
      ["delete-site", "delete", "all"],
    ],
    [
      "have the base branch of a pull request",
      "pull_request",
      { pull_request: { base: { ref: "main" }, head: { ref: "fix" } }, repository: site },
      ["pull_request-site-main", "pull_request-site", "pull_request", "all"],
    ],
    [
      "have the base branch of whatever brings a pull request",
      "pull_request_review",
      { pull_request: { base: { ref: "release/1" } }, repository: site },
      ["pull_request_review-site-release/1", "pull_request_review-site", "pull_request_review", "all"],
    ],
    [
      "have no branch for a pull request without a base",
      "pull_request",
      { pull_request: null, repository: site },
      ["pull_request-site", "pull_request", "all"],
    ],
    [
      "believe a ref_type before a pull request, and that before the ref of a push",
      "push",
      push("refs/heads/main", { ref_type: "tag", pull_request: { base: { ref: "base" } } }),
      ["push-site", "push", "all"],
    ],
    [
      "have no branch for other events, though they are about one",
      "workflow_run",
      { ref: "refs/heads/main", workflow_run: { head_branch: "main" }, repository: site },
      ["workflow_run-site", "workflow_run", "all"],
    ],
    [
      "have the event alone where there is no repository",
      "push",
      { ref: "refs/heads/main" },
      ["push", "all"],
    ],
    [
      "have the event alone where the repository has no name",
      "push",
      push("refs/heads/main", { repository: { full_name: "acme/site" } }),
      ["push", "all"],
    ],
    [
      "have the event alone where the repository's name is no text",
      "push",
      push("refs/heads/main", { repository: { name: ["site"] } }),
      ["push", "all"],
    ],
    ["name each once, also for an event that is called `all`", "all", {}, ["all"]],
  ];
  for (const [what, event, payload, names] of cases)
    it(what, () => assert.deepEqual(executableNames(event, readFacts(event, payload)), names));

  it("are those of GitHub's own samples", () => {
    const namesOf = (event: string) => executableNames(event, readFacts(event, sample(event)));
    assert.deepEqual(namesOf("push"), ["push-Hello-World-simple-tag", "push-Hello-World", "push", "all"]);
    assert.equal(namesOf("pull_request")[0], "pull_request-Hello-World-master");
    assert.deepEqual(namesOf("issues"), ["issues-Hello-World", "issues", "all"]);
  });
});

describe("an executable", () => {
  it("is for a delivery that has its name, and says which names that has", () => {
    assert.deepEqual(verdictOf("push-site", "push", push("refs/heads/main")), {
      hook: "push-site",
      matches: true,
      checks: [
        {
          filter: "on",
          passed: true,
          reason: "`push-site` is among the names [push-site-main, push-site, push, all]",
        },
      ],
    });
    assert.deepEqual(verdictOf("push-site-main", "issues", { repository: site }), {
      hook: "push-site-main",
      matches: false,
      checks: [
        {
          filter: "on",
          passed: false,
          reason: "`push-site-main` is not among the names [issues-site, issues, all]",
        },
      ],
    });
  });

  it("runs with all others that a delivery is for, not only with the first", () => {
    const names = ["all", "push", "push-site", "push-site-main"];
    assert.deepEqual(matching("push", push("refs/heads/main"), names), names);
  });

  it("counts capital letters, and says so", () => {
    const [check] = verdictOf("push-Site-main", "push", push("refs/heads/main")).checks;
    assert.equal(check?.passed, false);
    assert.match(check?.reason ?? "", /; capital letters count$/);
  });

  it("can be meant by two deliveries, because nobody knows where a repository's name ends", () => {
    const name = "push-my-repo-main";
    for (const [repository, branch] of [
      ["my-repo", "main"],
      ["my", "repo-main"],
    ]) {
      const payload = push(`refs/heads/${branch}`, { repository: { name: repository } });
      assert.equal(verdictOf(name, "push", payload).matches, true, repository);
    }
    assert.equal(
      verdictOf(name, "push", push("refs/heads/main", { repository: { name: "repo" } })).matches,
      false,
    );
  });

  it("does not run for a push that deletes its branch, and says so", () => {
    for (const name of ["push-site-main", "push", "all"]) {
      const { matches, checks } = verdictOf(name, "push", push("refs/heads/main", { deleted: true }));
      assert.equal(matches, false);
      assert.deepEqual(checks[1], {
        filter: "push.deleted",
        passed: false,
        reason: "this push deletes `main`",
      });
    }
  });

  it("runs for the event delete", () => {
    const payload = { ref: "main", ref_type: "branch", deleted: true, repository: site };
    assert.deepEqual(matching("delete", payload, ["all", "delete-site-main"]), ["all", "delete-site-main"]);
  });

  it("runs for what comes from a fork and by any source, because its name says nothing of either", () => {
    const base = { ref: "main", sha: "b" };
    const head = { ref: "dev", sha: "d", repo: { full_name: "mallory/site" } };
    const payload = {
      action: "opened",
      number: 7,
      pull_request: { number: 7, base, head },
      repository: site,
    };
    const facts = readFacts("pull_request", payload);
    assert.equal(facts.isFromFork, true);
    const answers = judge({ source: "partner", event: "pull_request" }, facts, [
      executable("pull_request-site-main"),
    ]);
    assert.deepEqual(
      answers.map(({ matches }) => matches),
      [true],
    );
  });

  it("that is for all does not run for a ping; one that is named for it does", () => {
    assert.deepEqual(matching("ping", {}, ["all", "ping"]), ["ping"]);
    assert.match(verdictOf("all", "ping", {}).checks[0]?.reason ?? "", /every event but `ping`/);
  });

  it("is compared with names only as a text, never as a path (stories 21, 22, 23)", () => {
    const names = ["push-site-main", "push-site-feature/x", "push-site"];
    for (const ref of [
      "../main",
      "./main",
      "main/",
      "main/.",
      "x/../main",
      "feature//x",
      "feature/../feature/x",
    ])
      assert.deepEqual(matching("push", push(`refs/heads/${ref}`), names), ["push-site"], ref);
    for (const name of [
      "../hooks/push-site",
      "./site",
      "site/",
      "site/../site",
      "site\0",
      "/srv/hooks/push-site",
    ])
      assert.deepEqual(matching("push", push("refs/heads/main", { repository: { name } }), names), [], name);
    for (const event of ["../push-site", "/srv/hooks/push-site", "push/../push-site"])
      assert.deepEqual(matching(event, {}, names), [], event);
  });
});

describe("the order of runs", () => {
  it("is from the most particular executable to the most general, behind all other hooks", () => {
    const facts = readFacts("push", pushPayload() as Payload);
    const names = ["all", "deploy", "push", "push-site", "push-site-main", "zip"];
    assert.deepEqual(inOrderOfRuns(names, "push", facts), [
      "deploy",
      "zip",
      "push-site-main",
      "push-site",
      "push",
      "all",
    ]);
    assert.deepEqual(inOrderOfRuns(["all", "push-site"], "push", facts), ["push-site", "all"]);
  });
});
