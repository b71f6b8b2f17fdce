import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hook } from "../../src/match/hook.ts";
import { type Incoming, judge, needsChangedFiles } from "../../src/match/match.ts";
import { hook, incoming, NOTHING, push } from "../support/verdicts.ts";

function verdictOf(
  changes: Partial<Hook>,
  repository: string | null = "acme/site",
  from: Incoming = incoming("push"),
) {
  const facts = { ...push("refs/heads/main"), repository };
  const [verdict] = judge(from, facts, [{ ...hook("deploy", { event: "push" }), ...changes }]);
  assert.ok(verdict);
  return verdict;
}

describe("the source of a hook", () => {
  it("lets in what came by it", () => {
    assert.deepEqual(verdictOf({ source: "github" }), {
      hook: "deploy",
      matches: true,
      checks: [
        { filter: "on", passed: true, reason: "the event is `push`" },
        { filter: "source", passed: true, reason: "it came by `github`" },
      ],
    });
  });

  it("keeps out what came by another, whatever repository that names", () => {
    const from = { source: "contractors", event: "push" };
    const { matches, checks } = verdictOf(
      { source: "github", repositories: ["acme/site"] },
      "acme/site",
      from,
    );
    assert.equal(matches, false);
    assert.deepEqual(checks.slice(1), [
      { filter: "source", passed: false, reason: "it came by `contractors`, not `github`" },
      { filter: "repositories", passed: true, reason: "`acme/site` matches [acme/site]" },
    ]);
  });
});

describe("the repositories of a hook", () => {
  const cases: [patterns: string[], repository: string | null, passed: boolean, reason: string][] = [
    [["acme/site"], "acme/site", true, "`acme/site` matches [acme/site]"],
    [["acme/site"], "acme/site2", false, "`acme/site2` matches none of [acme/site]"],
    [["acme/*"], "acme/site", true, "`acme/site` matches [acme/*]"],
    [["acme/*"], "evil/acme", false, "`evil/acme` matches none of [acme/*]"],
    [["*/site"], "acme/site", true, "`acme/site` matches [*/site]"],
    [["**"], "acme/site", true, "`acme/site` matches [**]"],
    [["acme/*", "!acme/old"], "acme/old", false, "`acme/old` matches none of [acme/*, !acme/old]"],
    [["acme/*", "!acme/old"], "acme/new", true, "`acme/new` matches [acme/*, !acme/old]"],
    [["ACME/Site"], "acme/site", true, "`acme/site` matches [ACME/Site]"],
    [["acme/site"], "Acme/SITE", true, "`Acme/SITE` matches [acme/site]"],
    [["acme/site-[A-F]"], "acme/site-b", true, "`acme/site-b` matches [acme/site-[A-F]]"],
    [["**"], null, false, "it is of no repository"],
  ];
  for (const [repositories, repository, passed, reason] of cases) {
    it(`${passed ? "let in" : "keep out"} ${repository} with [${repositories.join(", ")}]`, () => {
      const { matches, checks } = verdictOf({ repositories }, repository);
      assert.equal(matches, passed);
      assert.deepEqual(checks.at(-1), { filter: "repositories", passed, reason });
    });
  }
});

describe("the workflows of a hook", () => {
  const cases: [workflows: string[], workflow: string | null, passed: boolean, reason: string][] = [
    [["CI", "Lint"], "Lint", true, "`Lint` is one of [CI, Lint]"],
    [["CI"], "ci", false, "`ci` is none of [CI]"],
    [["*"], "CI", false, "`CI` is none of [*]"],
    [["CI"], null, false, "it does not say of which workflow it is"],
  ];
  for (const [workflows, workflow, passed, reason] of cases) {
    it(`${passed ? "let in" : "keep out"} ${workflow} with [${workflows.join(", ")}]`, () => {
      const facts = { ...NOTHING, workflow };
      const [verdict] = judge(incoming("workflow_run"), facts, [
        hook("cd", { event: "workflow_run", workflows }),
      ]);
      assert.deepEqual(verdict?.checks.at(-1), { filter: "workflow_run.workflows", passed, reason });
    });
  }
});

describe("a verdict that a look at the changed files can change", () => {
  const changed = push("refs/heads/main", { forced: true });
  const verdict = (trigger: Omit<Parameters<typeof hook>[1], "event">) => {
    const [found] = judge(incoming("push"), changed, [hook("deploy", { event: "push", ...trigger })]);
    return needsChangedFiles(found ?? assert.fail());
  };

  it("is a match by unknown files, and nothing else", () => {
    assert.equal(verdict({ paths: ["src/**"] }), true);
    assert.equal(verdict({ "paths-ignore": ["docs/**"] }), true);
    assert.equal(verdict({}), false);
    assert.equal(verdict({ paths: ["src/**"], branches: ["dev"] }), false);
  });
});
