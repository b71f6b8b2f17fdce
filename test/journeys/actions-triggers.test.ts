import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { findRun } from "../../src/store/runs.ts";
import { type DeliveryOptions, sample } from "../support/github.ts";
import { type Look, lookInto, runsOf } from "../support/look.ts";
import { type TestServer, workplace } from "../support/server.ts";

type Payload = Record<string, unknown>;
type Delivery = DeliveryOptions & { event: string };

/** What a workflow has up to its `jobs`, and the deliveries that decide whether it means here what it means there. */
interface Workflow {
  on: string;
  /** By what the script prints: the event, its action and the short ref. */
  runs: Record<string, Delivery>;
  /** By what is wrong with them. */
  ignores: Record<string, Delivery>;
}

/** In the place of `jobs`, the only thing that is changed. */
const RUN = 'run: echo "$GITHUB_EVENT_NAME,$LONGSHORE_ACTION,$GITHUB_REF_NAME"\n';

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

const OF_OTHER_EVENTS: Record<string, Workflow> = {
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

describe("a trigger of GitHub Actions, unchanged, loads and runs for the same deliveries as there:", () => {
  // Whatever is loaded on the same server runs as well, so what is for nearly everything has one of its own.
  const groups = {
    "certain pushes": OF_CERTAIN_PUSHES,
    "most pushes": OF_MOST_PUSHES,
    "other events": OF_OTHER_EVENTS,
  };
  for (const [group, workflows] of Object.entries(groups)) {
    it(group, { concurrency: true }, async (t) => {
      const all = Object.entries(workflows);
      const files = all.map(([, { on }], index) => [`hooks/${index}.yml`, `${on}${RUN}`]);
      const place = workplace(t, { files: Object.fromEntries(files) });
      assert.deepEqual((await place.json("check")).problems, []);
      const server = await place.serve();
      const look = await lookInto(t, place);
      const tests = all.map(([name, { runs, ignores }], index) =>
        t.test(name, async () => {
          const print = (delivery: Delivery) => printed(server, look, String(index), delivery);
          const expected = Object.keys(runs).map((said) => [`${said}\n`]);
          assert.deepEqual(await Promise.all(Object.values(runs).map(print)), expected);
          for (const [what, delivery] of Object.entries(ignores))
            assert.deepEqual(await print(delivery), [], what);
        }),
      );
      await Promise.all(tests);
    });
  }
});

/** What the runs of this hook print, of all that the delivery starts. */
async function printed(server: TestServer, look: Look, hook: string, delivery: Delivery): Promise<string[]> {
  const answer = await server.send(delivery);
  if (answer.status === 204) return [];
  assert.equal(answer.status, 202, answer.text);
  const own: string[] = [];
  for (const id of runsOf(answer)) {
    if ((await findRun(look.store.db, id))?.hook !== hook) continue;
    assert.equal((await look.ended(id)).status, "succeeded");
    own.push(await look.output(id));
  }
  return own;
}

/** GitHub's sample, with changes, unlike any other body. */
function of(event: string, action?: string, changes: Payload = {}): Delivery {
  return { event, body: { ...sample(event, action), ...changes, unique: randomUUID() } };
}

function push(ref: string, changes: Payload = {}): Delivery {
  return pushOf(ref, ["src/index.js"], "Make it work", changes);
}

/** A push of one commit that changes these files. */
function pushOf(ref: string, files: string[], message = "Make it work", changes: Payload = {}): Delivery {
  const id = "c".repeat(40);
  const commit = { id, message, added: [], removed: [], modified: files };
  const pushed = { ref, after: id, created: false, deleted: false, commits: [commit], head_commit: commit };
  return of("push", undefined, { ...pushed, ...changes });
}

function pullRequest(
  action: string,
  { base = "master", fork = false }: { base?: string; fork?: boolean } = {},
): Delivery {
  const pullRequest = sample("pull_request", "opened").pull_request as Record<"base" | "head", Payload>;
  const repo = { ...(pullRequest.head.repo as Payload), ...(fork && { full_name: "mallory/Hello-World" }) };
  return of("pull_request", "opened", {
    action,
    pull_request: {
      ...pullRequest,
      base: { ...pullRequest.base, ref: base },
      head: { ...pullRequest.head, repo },
    },
  });
}

function issue(action: string): Delivery {
  return of("issues", "opened", { action });
}

function workflowRun(action: string, name: string, branch: string, head = "octo-org/octo-repo"): Delivery {
  const {
    workflow,
    workflow_run: run,
    repository,
  } = sample("workflow_run", action) as Record<string, Payload>;
  return of("workflow_run", action, {
    workflow: { ...workflow, name },
    workflow_run: { ...run, name, head_branch: branch, head_repository: { full_name: head } },
    repository: { ...repository, full_name: "octo-org/octo-repo" },
  });
}
