import { describe, it } from "node:test";
import {
  assertTriggers,
  issue,
  of,
  pullRequest,
  push,
  type Workflow,
  workflowRun,
} from "../support/workflows.ts";

const WORKFLOWS: Record<string, Workflow> = {
  "pull requests by the default types": {
    on: `
on: pull_request
`,
    runs: {
      "pull_request,opened,2/merge": pullRequest("opened"),
      "pull_request,synchronize,2/merge": pullRequest("synchronize"),
      "pull_request,reopened,2/merge": pullRequest("reopened"),
    },
    ignores: {
      "another type": pullRequest("edited"),
      "its end": pullRequest("closed"),
      // Actions would run it without secrets, on a machine of its own. This one is yours.
      "one from a fork": pullRequest("opened", { fork: true }),
    },
  },
  "pull requests to some branches": {
    on: `
on:
  # what is merged
  pull_request:
    types: [closed]
    branches:
      - main
      - 'releases/**'
    paths: ['**.js']
`,
    // A pull request does not tell its files; unknown ones mean yes.
    runs: {
      "pull_request,closed,2/merge": pullRequest("closed", { base: "main" }),
    },
    ignores: {
      "another base": pullRequest("closed", { base: "dev" }),
      "another type": pullRequest("opened", { base: "main" }),
    },
  },
  "labels of pull requests": {
    on: `
on:
  pull_request:
    types: labeled
`,
    runs: { "pull_request,labeled,2/merge": pullRequest("labeled") },
    ignores: {
      "a label that is taken away": pullRequest("unlabeled"),
      "a default type": pullRequest("opened"),
      "a label of an issue": issue("labeled"),
    },
  },
  "pull requests with the rights of the base": {
    on: `
on:
  pull_request_target:
    types:
      - opened
      - ready_for_review
`,
    runs: {
      "pull_request_target,opened,master": pullRequest("opened", { fork: true }),
      "pull_request_target,ready_for_review,master": pullRequest("ready_for_review"),
    },
    ignores: {
      "a default type": pullRequest("synchronize"),
      "a push to the base": push("refs/heads/master"),
    },
  },
  "reviews of pull requests": {
    on: `
on:
  pull_request_review:
    types: [submitted]
`,
    runs: { "pull_request_review,submitted,2/merge": of("pull_request_review", "submitted") },
    ignores: {
      "a review that is taken back": of("pull_request_review", "dismissed"),
      "the pull request itself": pullRequest("opened"),
    },
  },
  "new issues": {
    on: `
on:
  issues:
    types: [opened]
`,
    runs: { "issues,opened,master": issue("opened") },
    ignores: { "an old one": issue("reopened"), "a new pull request": pullRequest("opened") },
  },
  "comments on issues and pull requests": {
    on: `
on:
  issue_comment:
    types: [created]
`,
    runs: {
      "issue_comment,created,master": of("issue_comment", "created"),
    },
    ignores: {
      "a changed one": of("issue_comment", "edited"),
      "a deleted one": of("issue_comment", "deleted"),
      "a comment on a commit": of("commit_comment", "created"),
    },
  },
  "published releases": {
    on: `
on:
  release:
    types: [published]
`,
    runs: { "release,published,0.0.1": of("release", "published") },
    ignores: { "a draft": of("release", "created"), "a changed one": of("release", "edited") },
  },
  "the end of another workflow": {
    on: `
on:
  workflow_run:
    workflows: ["Build and test", lint]
    types:
      - completed
    branches: [main]
`,
    runs: {
      "workflow_run,completed,main": workflowRun("completed", "lint", "main"),
    },
    ignores: {
      "its beginning": workflowRun("requested", "lint", "main"),
      "another workflow": workflowRun("completed", "Lint", "main"),
      "another branch": workflowRun("completed", "lint", "dev"),
      "a run for a fork": workflowRun("completed", "lint", "main", "mallory/octo-repo"),
    },
  },
  "branches and tags that come and go": {
    on: `
on:
  create:
  delete:
`,
    runs: {
      "create,,simple-tag": of("create", undefined),
      "create,,feature/a": of("create", undefined, { ref: "feature/a", ref_type: "branch" }),
      "delete,,master": of("delete", undefined),
    },
    ignores: { "the push that comes with it": push("refs/heads/feature/a", { created: true }) },
  },
  discussions: {
    on: `
on:
  discussion:
    types: [created, answered]
`,
    runs: {
      "discussion,created,main": of("discussion", "created"),
      "discussion,answered,master": of("discussion", "answered"),
    },
    ignores: {
      "a changed one": of("discussion", "edited"),
      "a comment": of("discussion_comment", "created"),
    },
  },
  "what another program asks for": {
    on: `
on:
  repository_dispatch:
    types: [deploy-site]
`,
    runs: {
      "repository_dispatch,deploy-site,master": of("repository_dispatch", undefined, {
        action: "deploy-site",
      }),
    },
    ignores: { "something else": of("repository_dispatch", undefined, { action: "deploy-docs" }) },
  },
};

describe("a trigger of GitHub Actions on other events, unchanged,", () => {
  it("runs for the same deliveries as there", { concurrency: true }, (t) => assertTriggers(t, WORKFLOWS));
});
