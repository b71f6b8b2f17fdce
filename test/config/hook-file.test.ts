import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkHookFile } from "../../src/config/hook-file.ts";
import type { Hook, Script } from "../../src/match/hook.ts";
import { isMarked } from "../support/editors.ts";
import { CONTEXT } from "../support/hooks.ts";

function read(text: string, file = "/srv/hooks/deploy.yml"): Hook & { work: Script } {
  const { value, problems } = checkHookFile("deploy", file, text, CONTEXT);
  assert.deepEqual(problems, []);
  assert.ok(!isMarked("hook", text), "an editor takes it, too");
  assert.ok(value?.work.kind === "script");
  return { ...value, work: value.work };
}

const work = (text: string) => read(`on: push\n${text}`).work;

describe("a hook file", () => {
  it("needs no more than an event and a script", () => {
    assert.deepEqual(read("on: push\nrun: make publish\n"), {
      name: "deploy",
      file: "/srv/hooks/deploy.yml",
      on: [{ event: "push" }],
      source: undefined,
      repositories: undefined,
      forks: undefined,
      work: {
        kind: "script",
        script: "make publish",
        shell: undefined,
        workingDirectory: undefined,
        env: {},
        inheritEnv: [],
        timeoutMs: 3_600_000,
      },
    });
  });

  it("can say everything that this version knows", () => {
    const text = `
on:
  push:
    branches: [main, "release/**", "!release/old"]
    tags-ignore: "*-rc"
    paths: ["site/**", "!site/drafts/**"]
    deleted: true
  pull_request:
    types: [opened, labeled]
    branches: main
    paths-ignore: "**.md"
  pull_request_target:
    branches-ignore: [wip]
  workflow_run: { workflows: CI, branches: main }
  release: { types: published }
  issues:
source: github
repositories: ["acme/*", "!acme/old"]
forks: run
shell: bash
working-directory: /srv/site
timeout-minutes: 10
env: { TARGET: production, RETRIES: 3, DRY: false, EMPTY: "" }
inherit-env: [SSH_AUTH_SOCK, HTTPS_PROXY]
run: |
  git pull
  make publish
`;
    assert.deepEqual(read(text), {
      name: "deploy",
      file: "/srv/hooks/deploy.yml",
      on: [
        {
          event: "push",
          branches: ["main", "release/**", "!release/old"],
          "tags-ignore": ["*-rc"],
          paths: ["site/**", "!site/drafts/**"],
          deleted: true,
        },
        {
          event: "pull_request",
          types: ["opened", "labeled"],
          branches: ["main"],
          "paths-ignore": ["**.md"],
        },
        { event: "pull_request_target", "branches-ignore": ["wip"] },
        { event: "workflow_run", workflows: ["CI"], branches: ["main"] },
        { event: "release", types: ["published"] },
        { event: "issues" },
      ],
      source: "github",
      repositories: ["acme/*", "!acme/old"],
      forks: "run",
      work: {
        kind: "script",
        script: "git pull\nmake publish\n",
        shell: "bash",
        workingDirectory: "/srv/site",
        env: { TARGET: "production", RETRIES: "3", DRY: "false", EMPTY: "" },
        inheritEnv: ["SSH_AUTH_SOCK", "HTTPS_PROXY"],
        timeoutMs: 600_000,
      },
    });
  });

  it("names its events in the three forms of Actions", () => {
    const expected = [{ event: "push" }, { event: "workflow_run" }];
    assert.deepEqual(read("on: [push, workflow_run]\nrun: x").on, expected);
    assert.deepEqual(read("on:\n  - push\n  - workflow_run\nrun: x").on, expected);
    assert.deepEqual(read("on:\n  push:\n  workflow_run: {}\nrun: x").on, expected);
  });

  it("has `on` as a word, not as the truth value of older YAML", () => {
    assert.deepEqual(read("'on': push\nrun: x").on, read("on: push\nrun: x").on);
  });

  it("has a working directory relative to its own folder", () => {
    const { work } = read("on: push\nrun: x\nworking-directory: ../site", "/srv/hooks/team/deploy.yml");
    assert.equal(work.workingDirectory, "/srv/hooks/site");
  });

  it("keeps a script as it is: dollars, quotes, other braces, trailing spaces", () => {
    assert.equal(
      work("run: |-\n  echo \"$GITHUB_SHA\" ${HOME} {{ x }} $((1+1)) 'a'  \n").script,
      `echo "$GITHUB_SHA" \${HOME} {{ x }} $((1+1)) 'a'  `,
    );
  });

  it("can inherit one variable without a list", () => {
    assert.deepEqual(work("run: x\ninherit-env: HTTPS_PROXY").inheritEnv, ["HTTPS_PROXY"]);
  });

  it("names an account by its name or its number; a domain may be part of it", () => {
    for (const user of ["deploy", "1000", "ada@example.com", "EXAMPLE\\ada", "host$"])
      assert.equal(read(`on: push\nrun: x\nuser: ${user}`).user, user);
    assert.equal("user" in read("on: push\nrun: x"), false);
  });

  it("can use anchors", () => {
    assert.deepEqual(
      read("on:\n  push: { branches: &live [main] }\n  workflow_run: { branches: *live }\nrun: x").on,
      [
        { event: "push", branches: ["main"] },
        { event: "workflow_run", branches: ["main"] },
      ],
    );
  });

  for (const [text, timeoutMs] of [
    ["timeout-minutes: 1", 60_000],
    ["timeout-minutes: 10080", 604_800_000],
  ] as const) {
    it(`takes ${text}`, () => assert.equal(work(`run: x\n${text}`).timeoutMs, timeoutMs));
  }

  it("says whether a failed attempt is followed by others, and what is usual where it says less", () => {
    const retry = (text: string) => read(`on: push\nrun: x\nretry: ${text}`).retry;
    assert.deepEqual(retry("{}"), { maxAttempts: 3, backoffMs: 30_000, maxBackoffMs: 3_600_000 });
    assert.deepEqual(retry("{ max-attempts: 5, backoff: 1m, max-backoff: 10m, on: [1, 75] }"), {
      maxAttempts: 5,
      backoffMs: 60_000,
      maxBackoffMs: 600_000,
      on: [1, 75],
    });
    assert.deepEqual(retry("{ on: 3, backoff: 2h }"), {
      maxAttempts: 3,
      backoffMs: 7_200_000,
      maxBackoffMs: 7_200_000,
      on: [3],
    });
    assert.equal(read("on: push\nrun: x").retry, undefined);
  });

  it("says what follows when it has failed for good, and what an interruption is", () => {
    const { onFailure, interrupted } = read("on: push\nrun: x\non-failure: ./rollback\ninterrupted: fail");
    assert.deepEqual([onFailure, interrupted], ["./rollback", "fail"]);
    assert.equal(read("on: push\nrun: x\ninterrupted: retry").interrupted, undefined);
  });
});
