import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isFromFork } from "../../src/match/payload.ts";
import { sample } from "../support/github.ts";

const repository = { full_name: "acme/site" };
const from = (repo: unknown) => ({ repository, pull_request: { head: { ref: "x", repo } } });
const ranIn = (head: unknown) => ({ repository, workflow_run: { head_repository: head } });

describe("a delivery from a fork", () => {
  for (const [what, event, payload, isFork] of [
    ["the repository itself", "pull_request", from(repository), false],
    ["another repository", "pull_request", from({ full_name: "mallory/site" }), true],
    ["a repository that is gone", "pull_request", from(null), true],
    ["nobody knows where", "pull_request", { repository }, true],
    ["a repository without a name", "pull_request", from({ full_name: 5 }), true],
    ["another repository, in a review", "pull_request_review", from({ full_name: "mallory/site" }), true],
    ["the repository itself, in a run of a workflow", "workflow_run", ranIn(repository), false],
    [
      "another repository, in a run of a workflow",
      "workflow_run",
      ranIn({ full_name: "mallory/site" }),
      true,
    ],
    ["nowhere, in a run of a workflow", "workflow_run", ranIn(null), true],
    ["GitHub's sample of a pull request", "pull_request", sample("pull_request", "opened"), false],
    ["somebody who pushes", "push", { repository }, false],
    ["somebody who comments", "issue_comment", sample("issue_comment", "created"), false],
  ] as const) {
    it(`is ${isFork ? "one" : "none"} from ${what}`, () => assert.equal(isFromFork(event, payload), isFork));
  }
});
