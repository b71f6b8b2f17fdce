import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkHandlerDefinition } from "../../src/config/handler-definition.ts";
import { checkHookFile } from "../../src/config/hook-file.ts";
import { CONTEXT } from "../support/hooks.ts";

const CODE = { version: "d", modules: [] };

function check(data: Record<string, unknown>, functions = ["run"], context = CONTEXT) {
  return checkHandlerDefinition("deploy", "/hooks/deploy.ts", { data, functions }, CODE, context);
}

describe("a handler's definition", () => {
  it("becomes a hook, by the rules of YAML", () => {
    const { value, problems } = check(
      { on: { push: { branches: "main" }, issues: {} }, env: { LEVEL: 3 }, timeoutMinutes: 5 },
      ["run", "if"],
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(value, {
      name: "deploy",
      file: "/hooks/deploy.ts",
      on: [{ event: "push", branches: ["main"] }, { event: "issues" }],
      source: undefined,
      repositories: undefined,
      forks: undefined,
      work: { kind: "handler", code: CODE, env: { LEVEL: "3" }, inheritEnv: [], timeoutMs: 300_000 },
    });
  });

  it("needs no more than an event and a function", () => {
    const { value } = check({ on: ["push"] });
    assert.deepEqual(value?.on, [{ event: "push" }]);
    assert.deepEqual(value?.work, {
      kind: "handler",
      code: CODE,
      env: {},
      inheritEnv: [],
      timeoutMs: 3_600_000,
    });
  });

  it("takes whatever YAML does to say which deliveries it is for", () => {
    const written = {
      on: {
        push: { branches: ["main"], "tags-ignore": "old", "paths-ignore": ["docs/**"], deleted: true },
        pull_request_target: { types: "opened", "branches-ignore": "wip/**", paths: ["src/**"] },
        workflow_run: { workflows: "CI" },
      },
      source: "github",
      repositories: "acme/*",
      forks: "run",
    };
    const { value, problems } = check(written);
    const yaml = checkHookFile("deploy", "deploy.yml", JSON.stringify({ ...written, run: "x" }), CONTEXT);
    assert.deepEqual([problems, yaml.problems], [[], []]);
    const { on, source, repositories, forks } = yaml.value ?? {};
    assert.deepEqual({ ...value, work: 0 }, { ...yaml.value, file: "/hooks/deploy.ts", work: 0 });
    assert.deepEqual([source, repositories, forks], ["github", ["acme/*"], "run"]);
    assert.equal(on?.length, 3);
  });

  it("is warned of events and types that are not known, and loaded all the same", () => {
    const { value, problems } = check({ on: { pul_request: {}, issues: { types: ["opend"] } } });
    assert.deepEqual(value?.on, [{ event: "pul_request" }, { event: "issues", types: ["opend"] }]);
    assert.deepEqual(
      problems.map(({ severity, message }) => [severity, message]),
      [
        [
          "warning",
          '`on`: GitHub has no event `pul_request` that this version knows, so perhaps it never comes. Did you mean "pull_request"?',
        ],
        [
          "warning",
          '`on.issues.types.0`: `issues` has no type `opend` that this version knows, so perhaps it never comes. Did you mean "opened"?',
        ],
      ],
    );
  });

  it("names its source when there are several", () => {
    const context = { ...CONTEXT, sources: ["public", "internal"] };
    const messages = (data: object) =>
      check({ on: "push", ...data }, ["run"], context).problems.map(({ message }) => message);
    assert.deepEqual(messages({ source: "internal" }), []);
    assert.deepEqual(messages({}), [
      "`source` is missing: it says for which of [public, internal] the hook is",
    ]);
    assert.deepEqual(messages({ source: "publik" }), [
      '`source`: there is no source "publik". Did you mean "public"?',
    ]);
  });

  it("has the condition of a text, and the variables that it names", () => {
    const context = { ...CONTEXT, vars: { TARGET: "production", OTHER: "x" } };
    const { value, problems } = check({ on: "push", if: "vars.TARGET == 'production'" }, ["run"], context);
    assert.deepEqual(problems, []);
    assert.equal(value?.if, "vars.TARGET == 'production'");
    assert.deepEqual(value.vars, { TARGET: "production" });
  });

  it("says what follows a failure in the words that YAML has", () => {
    const retry = { "max-attempts": 4, backoff: "10s" };
    const { value, problems } = check({
      on: "push",
      retry,
      interrupted: "fail",
      onFailure: "./rollback",
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [value?.retry, value?.interrupted, value?.onFailure],
      [{ maxAttempts: 4, backoffMs: 10_000, maxBackoffMs: 3_600_000 }, "fail", "./rollback"],
    );
  });

  it("has the concurrency group that YAML has, by the same words", () => {
    const concurrency = { group: "site-${{ vars.ZONE }}", "cancel-in-progress": true };
    const context = { ...CONTEXT, vars: { ZONE: "eu" } };
    const { value, problems } = check({ on: "push", concurrency, stale: "run" }, ["run"], context);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [value?.concurrency, value?.stale, value?.vars],
      [
        { group: "site-${{ vars.ZONE }}", scope: "repository", queue: "single", cancelInProgress: true },
        "run",
        { ZONE: "eu" },
      ],
    );
  });

  it("names an account by its name or its number", () => {
    const userOf = (user: unknown) => check({ on: "push", user }, ["run"]).value?.user;
    assert.deepEqual(["deploy", 1000, undefined].map(userOf), ["deploy", "1000", undefined]);
  });

  it("hands on variables of the server, but never the secret of a source", () => {
    const { value } = check({ on: "push", inheritEnv: ["HTTPS_PROXY"] }, ["run"]);
    assert.deepEqual(value?.work.kind === "handler" && value.work.inheritEnv, ["HTTPS_PROXY"]);
    const { problems } = check({ on: "push", inheritEnv: ["GITHUB_WEBHOOK_SECRET", "PGHOST"] }, ["run"]);
    assert.deepEqual(
      problems.map(({ message }) => message),
      [
        "`inheritEnv.0`: GITHUB_WEBHOOK_SECRET is not handed on: it is the secret of a source: whoever has it can forge deliveries",
        "`inheritEnv.1`: PGHOST is not handed on: names that begin with PG are those of the database",
      ],
    );
  });

  const MISTAKES: [mistake: Record<string, unknown>, messages: string[]][] = [
    [{ on: "Push" }, ['`on`: "Push" is no event name; GitHub writes them like `pull_request`']],
    [{ on: [] }, ["`on`: names no event"]],
    [
      { on: { push: { branches: ["[a"] } } },
      ["`on.push.branches.0`: this `[` has no `]` (character 1 of `[a`)"],
    ],
    [{ on: { push: { branch: "main" } } }, ['`on.push`: unknown key `branch`. Did you mean "branches"?']],
    [{ if: 3 }, ["`if`: must be a function, or a text with an expression"]],
    [{ if: "github.actr == 'alice'" }, ['`if`: there is no `github.actr`. Did you mean "actor"?']],
    [
      { on: { issues: { branches: "main" } } },
      [
        "`on.issues`: `branches` does not go with `issues`; it belongs to merge_group, pull_request, pull_request_target, push, workflow_run",
      ],
    ],
    [
      { on: "schedule" },
      [
        "`on`: `schedule` comes from no webhook: let cron or a systemd timer start `longshore run HOOK` at that time",
      ],
    ],
    [{ forks: "yes" }, ["`run` is all that `forks` can say"]],
    [{ if: null }, ["`if`: must be a function, or a text with an expression"]],
    [{ timeoutMinutes: 0 }, ["`timeoutMinutes`: at least 1 minute"]],
    [{ timeoutMinutes: "5" }, ["`timeoutMinutes`: expected a whole number of minutes"]],
    [{ "timeout-minutes": 5 }, ["`timeout-minutes`: in TypeScript this is `timeoutMinutes`"]],
    [
      { report: {}, "on-failure": "x" },
      ["`report` is not in this version", "`on-failure`: in TypeScript this is `onFailure`"],
    ],
    [{ retry: { backoff: "2" } }, ['`retry.backoff`: "2" is no duration; write it like "30s" or "10m"']],
    [
      { onFailure: "echo ${{ github.sha }}" },
      [
        '`onFailure` does not read `${{ github.sha }}`: whoever names a branch could run code. Write `env: { SHA: "${{ github.sha }}" }`, and "$SHA" in the script',
      ],
    ],
    [
      { env: { GITHUB_SHA: "x" } },
      ["`env.GITHUB_SHA`: names that begin with GITHUB_ or LONGSHORE_ are Longshore's"],
    ],
    [{ runs: 1 }, ['unknown key `runs`. Did you mean "run"?']],
  ];
  for (const [mistake, messages] of MISTAKES)
    it(`is refused with ${JSON.stringify(mistake)}`, () => {
      const { value, problems } = check({ on: "push", ...mistake });
      assert.equal(value, undefined);
      assert.deepEqual(
        problems.map(({ message }) => message),
        messages,
      );
      for (const problem of problems)
        assert.deepEqual(
          { ...problem, message: "" },
          { file: "/hooks/deploy.ts", line: null, column: null, severity: "error", message: "" },
        );
    });

  it("is refused without `on` or `run`, and with a `run` that is none", () => {
    assert.deepEqual(
      check({}, []).problems.map(({ message }) => message),
      ["`on` is missing", "`run` is missing"],
    );
    assert.deepEqual(
      check({ on: "push", run: "make" }, []).problems.map(({ message }) => message),
      ["`run`: must be a function"],
    );
  });
});
