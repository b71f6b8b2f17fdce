import { describe, it } from "node:test";
import { assertTriggers, issue, pullRequest, push, pushOf, type Workflow } from "../support/workflows.ts";

const OF_CERTAIN_PUSHES: Record<string, Workflow> = {
  "pushes to one branch": {
    on: `
on:
  push:
    branches:
      - main
`,
    runs: { "push,,main": push("refs/heads/main") },
    ignores: {
      "another branch": push("refs/heads/main-2"),
      "a branch below it": push("refs/heads/main/2"),
      "a tag of that name": push("refs/tags/main"),
      "its deletion": push("refs/heads/main", { deleted: true, head_commit: null, commits: [] }),
      "a commit that skips": pushOf("refs/heads/main", ["a.c"], "Tidy up [skip ci]"),
      "another event": pullRequest("opened"),
    },
  },
  "pushes that change more than documents": {
    on: `
on:
  push:
    branches: [main]
    paths-ignore:
      - 'docs/**'
      - '**.md'
`,
    runs: {
      "push,,main": pushOf("refs/heads/main", ["docs/index.html", "README.md", "src/main.c"]),
    },
    ignores: {
      "only documents": pushOf("refs/heads/main", ["docs/api/index.html", "README.md", "src/README.md"]),
      "another branch": pushOf("refs/heads/dev", ["src/main.c"]),
    },
  },
  "pushes of tags for versions": {
    on: `
on:
  push:
    tags: [ 'v*' ]
`,
    runs: { "push,,v1.2.3": push("refs/tags/v1.2.3"), "push,,v2-rc": push("refs/tags/v2-rc") },
    ignores: {
      "a branch of that name": push("refs/heads/v1.2.3"),
      "another tag": push("refs/tags/1.2.3"),
      "a tag with a slash": push("refs/tags/v1/2"),
    },
  },
  "pushes to a branch, and of tags that are a version exactly": {
    on: `
"on":
  push:
    branches:
      - main
    tags:
      - 'v[0-9]+.[0-9]+.[0-9]+'
`,
    runs: { "push,,main": push("refs/heads/main"), "push,,v1.10.0": push("refs/tags/v1.10.0") },
    ignores: {
      "a release candidate": push("refs/tags/v1.10.0-rc.1"),
      "half a version": push("refs/tags/v1.10"),
      "a branch like a tag": push("refs/heads/v1.10.0"),
      "a tag like the branch": push("refs/tags/main"),
    },
  },
  "pushes to releases, but not to alphas": {
    on: `
on:
  push:
    branches:
      - 'releases/**'
      - '!releases/**-alpha'
`,
    runs: {
      "push,,releases/10": push("refs/heads/releases/10"),
      "push,,releases/beta/3-rc": push("refs/heads/releases/beta/3-rc"),
    },
    ignores: {
      "an alpha": push("refs/heads/releases/10-alpha"),
      "an alpha further down": push("refs/heads/releases/beta/3-alpha"),
      "the folder's name alone": push("refs/heads/releases"),
    },
  },
};

const OF_MOST_PUSHES: Record<string, Workflow> = {
  "pushes that change some of the sources": {
    on: `
on:
  push:
    paths:
      - "src/**"
      - "!src/**/*.test.js"
`,
    runs: {
      "push,,dev": pushOf("refs/heads/dev", ["README.md", "src/index.js"]),
      "push,,v1": push("refs/tags/v1"),
      // Its commits are not all in the payload, so that nobody can know.
      "push,,new": push("refs/heads/new", { created: true }),
    },
    ignores: {
      "only what is taken out again": pushOf("refs/heads/dev", ["src/lib/index.test.js"]),
      "other files": pushOf("refs/heads/dev", ["lib/src/index.js", "README.md"]),
    },
  },
  "pushes to all branches but some": {
    on: `
on:
  push:
    branches-ignore:
      - gh-pages
      - 'dependabot/**'
`,
    runs: { "push,,main": push("refs/heads/main"), "push,,feature/a": push("refs/heads/feature/a") },
    ignores: {
      "the one": push("refs/heads/gh-pages"),
      "one of many": push("refs/heads/dependabot/npm_and_yarn/zod-4"),
      "a tag": push("refs/tags/v1"),
    },
  },
  "pushes and pull requests": {
    on: `
on: [push, pull_request]
`,
    runs: {
      "push,,dev": push("refs/heads/dev"),
      "push,,v1": push("refs/tags/v1"),
      "pull_request,opened,2/merge": pullRequest("opened"),
    },
    ignores: { "a type that is not a default": pullRequest("closed"), "another event": issue("opened") },
  },
};

describe("a trigger of GitHub Actions on pushes, unchanged, runs for the same deliveries as there:", () => {
  it("certain pushes", { concurrency: true }, (t) => assertTriggers(t, OF_CERTAIN_PUSHES));
  it("most pushes", { concurrency: true }, (t) => assertTriggers(t, OF_MOST_PUSHES));
});
