import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { loadSamples } from "../../src/github/samples.ts";
import { type Facts, readFacts, shortRef } from "../../src/match/payload.ts";
import { sample } from "../support/github.ts";

const SHA = "b".repeat(40);
const repository = { full_name: "acme/site", default_branch: "trunk" };
const NONE: Facts = {
  action: null,
  repository: null,
  sender: null,
  ref: null,
  sha: null,
  baseRef: null,
  baseSha: null,
  headRef: null,
  headRepository: null,
  isFromFork: false,
  deleted: false,
  workflow: null,
  isOnPullRequest: false,
  skipMarker: null,
  changedFiles: { known: false, why: "only a push lists them" },
  pushedAt: null,
  repositoryName: null,
  namedBranch: null,
};

/** What has tests of its own: the changed files, the time, and what executables are named for. */
const othersOf = (event: string, payload: Record<string, unknown>) => {
  const { changedFiles, pushedAt, repositoryName, namedBranch } = readFacts(event, payload);
  return { changedFiles, pushedAt, repositoryName, namedBranch };
};

/** Every field that is read, at whatever depth it stands. */
const FIELDS = [
  "action",
  "ref",
  "ref_type",
  "after",
  "sha",
  "deleted",
  "repository",
  "full_name",
  "name",
  "default_branch",
  "sender",
  "login",
  "pull_request",
  "number",
  "merge_commit_sha",
  "base",
  "head",
  "merge_group",
  "base_ref",
  "head_ref",
  "head_sha",
  "workflow_run",
  "head_branch",
  "release",
  "tag_name",
  "deployment",
  "commit_oid",
  "repo",
  "head_repository",
  "workflow",
  "name",
  "issue",
  "head_commit",
  "message",
  "commits",
  "added",
  "removed",
  "modified",
  "created",
  "forced",
  "id",
  "total_commits",
] as const;

/** Replaces some of the values that can be read, by their place in a walk over the payload. */
function spoil(
  payload: Record<string, unknown>,
  changes: [place: number, value: unknown][],
): Record<string, unknown> {
  const places: [owner: Record<string, unknown>, key: string][] = [];
  const walk = (value: Record<string, unknown>) => {
    for (const [key, inner] of Object.entries(value)) {
      if ((FIELDS as readonly string[]).includes(key)) places.push([value, key]);
      if (typeof inner === "object" && inner !== null && !Array.isArray(inner))
        walk(inner as Record<string, unknown>);
    }
  };
  walk(payload);
  for (const [place, value] of changes) {
    const [owner, key] = places[place % Math.max(1, places.length)] ?? [payload, "ref"];
    owner[key] = value;
  }
  return payload;
}

describe("readFacts", () => {
  const cases: [what: string, event: string, payload: Record<string, unknown>, facts: Partial<Facts>][] = [
    [
      "a push to a branch",
      "push",
      { ref: "refs/heads/a/b", after: SHA },
      { ref: "refs/heads/a/b", sha: SHA },
    ],
    ["a push of a tag", "push", { ref: "refs/tags/v1", after: SHA }, { ref: "refs/tags/v1", sha: SHA }],
    [
      "a deleted branch",
      "push",
      { ref: "refs/heads/x", after: "0".repeat(40), deleted: true },
      { ref: "refs/heads/x", sha: "0".repeat(40), deleted: true },
    ],
    ["a new branch", "create", { ref: "x", ref_type: "branch" }, { ref: "refs/heads/x" }],
    ["a new tag", "create", { ref: "v1", ref_type: "tag" }, { ref: "refs/tags/v1" }],
    [
      "a deletion on the default branch",
      "delete",
      { ref: "x", ref_type: "branch", repository },
      { repository: "acme/site", ref: "refs/heads/trunk" },
    ],
    [
      "a pull request",
      "pull_request",
      {
        action: "opened",
        number: 7,
        pull_request: {
          number: 7,
          merge_commit_sha: SHA,
          base: { ref: "main" },
          head: { ref: "dev", sha: "c" },
        },
        sender: { login: "bob" },
      },
      {
        action: "opened",
        sender: "bob",
        ref: "refs/pull/7/merge",
        sha: SHA,
        baseRef: "main",
        headRef: "dev",
        isFromFork: true,
      },
    ],
    [
      "a pull request that cannot be merged, by its head",
      "pull_request_review",
      {
        pull_request: {
          number: 7,
          merge_commit_sha: null,
          base: { ref: "main" },
          head: { ref: "dev", sha: SHA },
        },
      },
      { ref: "refs/pull/7/merge", sha: SHA, baseRef: "main", headRef: "dev", isFromFork: true },
    ],
    [
      "a merge group",
      "merge_group",
      { merge_group: { head_ref: "refs/heads/queue/main/pr-1", head_sha: SHA, base_ref: "refs/heads/main" } },
      { ref: "refs/heads/queue/main/pr-1", sha: SHA, baseRef: "main" },
    ],
    [
      "a release",
      "release",
      { release: { tag_name: "v1" }, repository },
      { ref: "refs/tags/v1", repository: "acme/site" },
    ],
    ["a deployment", "deployment", { deployment: { ref: "main", sha: SHA } }, { ref: "main", sha: SHA }],
    [
      "a deployment's status",
      "deployment_status",
      { deployment: { ref: "main", sha: SHA } },
      { ref: "main", sha: SHA },
    ],
    [
      "a commit's status",
      "status",
      { sha: SHA, repository },
      { ref: "refs/heads/trunk", sha: SHA, repository: "acme/site" },
    ],
    ["a dispatched workflow", "workflow_dispatch", { ref: "refs/heads/x" }, { ref: "refs/heads/x" }],
    [
      "a code scanning alert",
      "code_scanning_alert",
      { ref: "refs/heads/x", commit_oid: SHA },
      { ref: "refs/heads/x", sha: SHA },
    ],
    [
      "a workflow run",
      "workflow_run",
      { workflow_run: { head_branch: "dev" }, repository },
      { repository: "acme/site", ref: "refs/heads/trunk", headRef: "dev", isFromFork: true },
    ],
    [
      "a workflow run of no branch",
      "workflow_run",
      { workflow_run: { head_branch: null } },
      { isFromFork: true },
    ],
    [
      "anything else by the default branch",
      "issues",
      { action: "closed", repository },
      { action: "closed", repository: "acme/site", ref: "refs/heads/trunk" },
    ],
    [
      "a ping of an organization",
      "ping",
      { zen: "Design for failure.", organization: { login: "acme" } },
      {},
    ],
    ["an empty payload", "push", {}, {}],
    ["empty texts as none", "push", { ref: "", after: "" }, {}],
    ["`deleted` only where it is true", "push", { deleted: "true" }, {}],
  ];
  for (const [what, event, payload, facts] of cases) {
    it(`reads ${what}`, () => {
      const expected = { ...NONE, ...othersOf(event, payload), ...facts };
      assert.deepEqual(readFacts(event, payload), expected);
    });
  }

  it("reads GitHub's own samples", () => {
    const push = readFacts("push", sample("push"));
    assert.match(push.repository ?? "", /^[\w.-]+\/[\w.-]+$/);
    assert.match(push.ref ?? "", /^refs\//);
    assert.match(push.sha ?? "", /^[0-9a-f]{40}$/);
    const pullRequest = readFacts("pull_request", sample("pull_request", "opened"));
    assert.match(pullRequest.ref ?? "", /^refs\/pull\/\d+\/merge$/);
    assert.ok(pullRequest.baseRef && pullRequest.headRef && pullRequest.sender);
  });

  it("gives texts and nothing else, whatever type a field has (story 39)", () => {
    const samples = loadSamples();
    const events = [...new Set(samples.map(({ event }) => event))];
    const junk = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(null, 0, -1, 1.5, true, "", [], [[]], {}, "__proto__"),
    );
    const spoiled = fc
      .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 6 }))
      .map(([{ event, payload }, changes]) => ({ event, payload: spoil(structuredClone(payload), changes) }));
    const invented = fc.record({
      event: fc.constantFrom(...events),
      payload: fc.dictionary(
        fc.constantFrom(...FIELDS),
        fc.oneof(junk, fc.dictionary(fc.constantFrom(...FIELDS), junk)),
      ),
    });
    fc.assert(
      fc.property(fc.oneof(spoiled, invented), ({ event, payload }) => {
        const { deleted, isFromFork, isOnPullRequest, changedFiles, pushedAt, ...texts } = readFacts(
          event,
          payload,
        );
        assert.ok(pushedAt === null || Number.isSafeInteger(pushedAt));
        assert.deepEqual(
          [deleted, isFromFork, isOnPullRequest].map((value) => typeof value),
          ["boolean", "boolean", "boolean"],
        );
        const files = changedFiles.known ? changedFiles.files : [changedFiles.why];
        assert.ok(files.every((file) => typeof file === "string"));
        for (const [name, value] of Object.entries(texts)) {
          assert.ok(value === null || typeof value === "string", `${name} is ${typeof value}`);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("shortRef", () => {
  const cases: [ref: string | null, short: string | null][] = [
    ["refs/heads/main", "main"],
    ["refs/heads/feature/x", "feature/x"],
    ["refs/tags/v1", "v1"],
    ["refs/pull/7/merge", "7/merge"],
    ["refs/heads/refs/heads/x", "refs/heads/x"],
    ["refs/notes/x", "refs/notes/x"],
    ["main", "main"],
    [null, null],
  ];
  for (const [ref, short] of cases) {
    it(`makes ${short} of ${ref}`, () => assert.equal(shortRef(ref), short));
  }
});
