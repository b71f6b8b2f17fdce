import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkHandlerDefinition } from "../../src/config/handler-definition.ts";

const CODE = { digest: "d", modules: [] };

function check(data: Record<string, unknown>, functions = ["run"]) {
  return checkHandlerDefinition("deploy", "/hooks/deploy.ts", { data, functions }, CODE);
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
      work: { kind: "handler", code: CODE, env: { LEVEL: "3" }, timeoutMs: 300_000 },
    });
  });

  it("needs no more than an event and a function", () => {
    const { value } = check({ on: ["push"] });
    assert.deepEqual(value?.on, [{ event: "push" }]);
    assert.deepEqual(value?.work, { kind: "handler", code: CODE, env: {}, timeoutMs: 3_600_000 });
  });

  const MISTAKES: [mistake: Record<string, unknown>, messages: string[]][] = [
    [{ on: "Push" }, ['`on`: "Push" is no event name; GitHub writes them like `pull_request`']],
    [{ on: [] }, ["`on`: names no event"]],
    [
      { on: { push: { branches: ["[a"] } } },
      ["`on.push.branches.0`: this `[` has no `]` (character 1 of `[a`)"],
    ],
    [{ on: { push: { branch: "main" } } }, ['`on.push`: unknown key `branch`. Did you mean "branches"?']],
    [
      { if: "github.actor == 'alice'" },
      ["`if`: must be a function; a text with an expression is not in this version"],
    ],
    [{ if: null }, ["`if`: must be a function; a text with an expression is not in this version"]],
    [{ timeoutMinutes: 0 }, ["`timeoutMinutes`: at least 1 minute"]],
    [{ timeoutMinutes: "5" }, ["`timeoutMinutes`: expected a whole number of minutes"]],
    [{ "timeout-minutes": 5 }, ["`timeout-minutes`: in TypeScript this is `timeoutMinutes`"]],
    [
      { concurrency: "deploy", retry: 3 },
      ["`concurrency` is not in this version", "`retry` is not in this version"],
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
