import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkHookFile } from "../../src/config/hook-file.ts";
import { canBeMarked, isMarked } from "../support/editors.ts";
import { CONTEXT } from "../support/hooks.ts";

const PULL_REQUESTS = "pull_request, pull_request_target";
const ON_BRANCHES = `merge_group, ${PULL_REQUESTS}, push, workflow_run`;
const WITH_ACTIONS = "events that have actions, such as `pull_request`";
const ONLY_NEGATED = "a list of only `!` patterns includes nothing; put what to include before them";
const REF = "the name of a branch or tag";
const NO_EVENT = (name: string) =>
  `GitHub has no event \`${name}\` that this version knows, so perhaps it never comes.`;
const NO_TYPE = (event: string, type: string) =>
  `\`${event}\` has no type \`${type}\` that this version knows, so perhaps it never comes.`;
const SCHEDULE =
  "`schedule` comes from no webhook: let cron or a systemd timer start `longshore run HOOK` at that time";
const DISPATCH =
  "`workflow_dispatch` is the button of Actions: start a hook by hand with `longshore run HOOK`, or through GitHub's API with `on: repository_dispatch`";
const CALL =
  "`workflow_call` is how workflows call each other: put what is shared into a script that both hooks run, or start the other hook with `longshore run HOOK` or, through GitHub's API, `on: repository_dispatch`";
const exclusive = (filter: string) =>
  `\`${filter}\` and \`${filter}-ignore\` exclude each other: use \`${filter}\` with \`!\` patterns`;

type Row = [text: string, ...problems: string[]];

const problemsOf = (text: string, context = CONTEXT) =>
  checkHookFile("deploy", "hooks/deploy.yml", text, context).problems.map(
    ({ line, column, severity, message }) => `${line}:${column}: ${severity}: ${message}`,
  );

function testErrors(rows: readonly Row[], context = CONTEXT): void {
  for (const [text, ...errors] of rows) {
    it(`is found in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(
        problemsOf(text, context),
        errors.map((error) => error.replace(/^(\d+:\d+): /, "$1: error: ")),
      );
      assert.equal(checkHookFile("deploy", "hooks/deploy.yml", text, context).value, undefined);
      assert.equal(isMarked("hook", text), canBeMarked(errors), "in an editor");
    });
  }
}

describe("a mistake in `on`: a trigger that no webhook stands behind", () => {
  testErrors([
    ["on: schedule\nrun: x", `1:5: ${SCHEDULE}`],
    ["on:\n  schedule:\n    - cron: '0 4 * * *'\nrun: x", `2:3: ${SCHEDULE}`],
    ["on: [push, workflow_dispatch]\nrun: x", `1:12: ${DISPATCH}`],
    ["on:\n  workflow_dispatch:\n    inputs: { level: { type: choice } }\nrun: x", `2:3: ${DISPATCH}`],
    ["on:\n  push:\n  workflow_call:\nrun: x", `3:3: ${CALL}`],
  ]);
});

describe("a mistake in `on`: a filter at an event that it does not go with", () => {
  const belongs = (filter: string, event: string, places: string) =>
    `\`${filter}\` does not go with \`${event}\`; it belongs to ${places}`;
  testErrors([
    ["on:\n  issues:\n    branches: [main]\nrun: x", `3:5: ${belongs("branches", "issues", ON_BRANCHES)}`],
    [
      "on:\n  release: { types: published, branches-ignore: x }\nrun: x",
      `2:32: ${belongs("branches-ignore", "release", ON_BRANCHES)}`,
    ],
    ["on:\n  pull_request: { tags: v1 }\nrun: x", `2:19: ${belongs("tags", "pull_request", "push")}`],
    [
      "on:\n  workflow_run: { tags-ignore: v1 }\nrun: x",
      `2:19: ${belongs("tags-ignore", "workflow_run", "push")}`,
    ],
    [
      "on:\n  merge_group: { paths: x }\nrun: x",
      `2:18: ${belongs("paths", "merge_group", `${PULL_REQUESTS}, push`)}`,
    ],
    [
      "on:\n  workflow_run: { paths-ignore: x }\nrun: x",
      `2:19: ${belongs("paths-ignore", "workflow_run", `${PULL_REQUESTS}, push`)}`,
    ],
    ["on:\n  push: { workflows: CI }\nrun: x", `2:11: ${belongs("workflows", "push", "workflow_run")}`],
    ["on:\n  push: { types: [created] }\nrun: x", `2:11: ${belongs("types", "push", WITH_ACTIONS)}`],
    ["on:\n  fork:\n    types: created\nrun: x", `3:5: ${belongs("types", "fork", WITH_ACTIONS)}`],
    ["on:\n  delete: { deleted: true }\nrun: x", `2:13: ${belongs("deleted", "delete", "push")}`],
    // What it says is not looked at where it should not stand.
    ["on:\n  star: { paths: ['['] }\nrun: x", `2:11: ${belongs("paths", "star", `${PULL_REQUESTS}, push`)}`],
  ]);
});

describe("a mistake in `on`: two filters that exclude each other", () => {
  testErrors([
    ["on:\n  push:\n    branches: a\n    branches-ignore: b\nrun: x", `4:5: ${exclusive("branches")}`],
    ["on:\n  push: { tags-ignore: b, tags: a }\nrun: x", `2:11: ${exclusive("tags")}`],
    ["on:\n  pull_request: { paths: a, paths-ignore: b }\nrun: x", `2:29: ${exclusive("paths")}`],
    [
      "on:\n  push: { branches: a, branches-ignore: b, paths: a, paths-ignore: b }\nrun: x",
      `2:24: ${exclusive("branches")}`,
      `2:54: ${exclusive("paths")}`,
    ],
  ]);
});

describe("a mistake in `on`: a filter's value", () => {
  testErrors([
    ["on:\n  push: { branches-ignore: ['!a'] }\nrun: x", `2:28: ${ONLY_NEGATED}`],
    ["on:\n  push: { tags: '!v*' }\nrun: x", `2:17: ${ONLY_NEGATED}`],
    ["on:\n  push: { paths: ['!a', '!b'] }\nrun: x", `2:18: ${ONLY_NEGATED}`],
    ["on:\n  push: { paths: [] }\nrun: x", "2:18: cannot be empty"],
    ["on:\n  push: { tags: [1.0] }\nrun: x", "2:18: expected a text"],
    ["on:\n  push: { deleted: yes }\nrun: x", "2:20: expected true or false"],
    ["on:\n  workflow_run: { workflows: [''] }\nrun: x", "2:31: cannot be empty"],
    ["on:\n  workflow_run: { workflows: { CI: } }\nrun: x", "2:30: expected a text or a list"],
    [
      "on:\n  push: { branches: [refs/heads/main] }\nrun: x",
      "2:22: branches and tags are compared without `refs/heads/` or `refs/tags/` (character 1 of `refs/heads/main`)",
    ],
    [
      "on:\n  push: { tags: 'v1 beta' }\nrun: x",
      `2:17: ${REF} has no blank, \`~\`, \`^\` or \`:\` (character 3 of \`v1 beta\`)`,
    ],
    [
      "on:\n  push:\n    paths:\n      - src/**\n      - ./docs/**\nrun: x",
      "5:9: paths begin at the root of the repository, without `./` or `../` (character 1 of `./docs/**`)",
    ],
    [
      "on:\n  pull_request: { paths-ignore: docs/ }\nrun: x",
      "2:33: files are compared, not folders: write `/**` at the end (character 5 of `docs/`)",
    ],
    [
      "on:\n  push: { tags-ignore: 'v[3-1]' }\nrun: x",
      "2:24: a range goes from a to z, A to Z or 0 to 9, upwards (character 3 of `v[3-1]`)",
    ],
    ["on:\n  push: { tag: v1 }\nrun: x", '2:11: unknown key `tag`. Did you mean "tags"?'],
    [
      "on:\n  push: { path-ignore: v1 }\nrun: x",
      '2:11: unknown key `path-ignore`. Did you mean "paths-ignore"?',
    ],
  ]);
});

describe("a mistake in whose deliveries a hook is for", () => {
  testErrors([
    ["on: push\nrun: x\nsource: githab", '3:9: there is no source "githab". Did you mean "github"?'],
    ["on: push\nrun: x\nsource: [github]", "3:9: expected a text"],
    [
      "on: push\nrun: x\nrepositories: site",
      "3:15: a repository is named `owner/name` (character 1 of `site`)",
    ],
    ["on: push\nrun: x\nrepositories: ['!acme/site']", `3:15: ${ONLY_NEGATED}`],
    [
      "on: push\nrun: x\nrepositories: [acme/*, 'https://github.com/acme/site']",
      "3:24: the name of a repository is of letters, digits, `.`, `-` and `_` (character 6 of `https://github.com/acme/site`)",
    ],
    ["on: push\nrun: x\nrepositories: []", "3:15: cannot be empty"],
    ["on: push\nrun: x\nforks: true", "3:8: `run` is all that `forks` can say"],
  ]);

  describe("where there are several sources", () => {
    const context = { ...CONTEXT, sources: ["github", "contractors"] };
    testErrors(
      [
        [
          "on: push\nrun: x",
          "1:1: `source` is missing: it says for which of [github, contractors] the hook is",
        ],
        [
          "on: push\nrun: x\nsource: contractor",
          '3:9: there is no source "contractor". Did you mean "contractors"?',
        ],
      ],
      context,
    );

    it("is none where the hook names one of them", () => {
      assert.deepEqual(problemsOf("on: push\nrun: x\nsource: contractors", context), []);
    });
  });

  it("is told with all the others at once", () => {
    const text =
      "on: { schedule: , isues: { branches: x }, star: { tags: v1 } }\nruns: x\nsource: a\nforks: 1";
    assert.deepEqual(problemsOf(text), [
      "1:1: error: `run` or `forward` is missing",
      `1:7: error: ${SCHEDULE}`,
      `1:19: warning: ${NO_EVENT("isues")} Did you mean "issues"?`,
      "1:51: error: `tags` does not go with `star`; it belongs to push",
      '2:1: error: unknown key `runs`. Did you mean "run"?',
      '3:9: error: there is no source "a".',
      "4:8: error: `run` is all that `forks` can say",
    ]);
  });
});

describe("an event or a type that is not known", () => {
  const rows: Row[] = [
    ["on: pul_request\nrun: x", `1:5: ${NO_EVENT("pul_request")} Did you mean "pull_request"?`],
    ["on: [push, of_tomorrow]\nrun: x", `1:12: ${NO_EVENT("of_tomorrow")}`],
    ["on:\n  isues:\n    types: [opened]\nrun: x", `2:3: ${NO_EVENT("isues")} Did you mean "issues"?`],
    ["on:\n  of_tomorrow: { branches: a, tags: b, paths: c }\nrun: x", `2:3: ${NO_EVENT("of_tomorrow")}`],
    [
      "on:\n  issues: { types: [opened, close] }\nrun: x",
      `2:29: ${NO_TYPE("issues", "close")} Did you mean "closed"?`,
    ],
    [
      "on:\n  watch:\n    types: startd\nrun: x",
      `3:12: ${NO_TYPE("watch", "startd")} Did you mean "started"?`,
    ],
    [
      "on:\n  pull_request_target: { types: synchronise }\nrun: x",
      `2:33: ${NO_TYPE("pull_request_target", "synchronise")} Did you mean "synchronize"?`,
    ],
    ["on: image_version\nrun: x", "1:5: GitHub tells only Actions of `image_version`, so it never comes"],
  ];
  for (const [text, ...warnings] of rows) {
    it(`is only a warning: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(
        problemsOf(text),
        warnings.map((warning) => warning.replace(/^(\d+:\d+): /, "$1: warning: ")),
      );
      const { value } = checkHookFile("deploy", "hooks/deploy.yml", text, CONTEXT);
      assert.equal(value?.name, "deploy", "the hook is loaded");
      assert.ok(!isMarked("hook", text), "an editor says nothing");
    });
  }

  it("is not looked for where a type is whatever the sender says", () => {
    assert.deepEqual(problemsOf("on:\n  repository_dispatch: { types: [deploy, anything] }\nrun: x"), []);
  });

  it("is none of Actions' newest types, nor of the webhooks' actions that Actions lacks", () => {
    const text =
      "on:\n  issues: { types: [field_added, typed] }\n  merge_group: { types: destroyed }\nrun: x";
    assert.deepEqual(problemsOf(text), []);
  });
});
