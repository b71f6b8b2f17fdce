import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UserError } from "../../src/config/problem.ts";
import { defineHook, matchHook } from "../../src/index.ts";
import { pushPayload, sample } from "../support/github.ts";

const push = { event: "push", payload: pushPayload() };

describe("matchHook", () => {
  it("judges the text of a hook file, with a reason for every filter", async () => {
    const hook = "on: { push: { branches: [dev] } }\nrun: make\n";
    const { matches, checks } = await matchHook(hook, push);
    assert.equal(matches, false);
    assert.deepEqual(
      checks.map(({ filter, passed }) => [filter, passed]),
      [
        ["on", true],
        ["push.branches", false],
      ],
    );
    assert.match(checks.at(-1)?.reason ?? "", /`main` matches none of \[dev\]/);
  });

  it("judges what a handler file exports, without asking an `if` that is a function", async () => {
    const hook = defineHook({
      on: { issues: { types: ["opened"] } },
      repositories: "Codertocat/*",
      timeoutMinutes: 5,
      if: () => false,
      run() {},
    });
    const issue = (action: string) => ({ event: "issues", payload: { ...sample("issues"), action } });
    assert.equal((await matchHook(hook, issue("opened"))).matches, true);
    assert.equal((await matchHook(hook, issue("closed"))).matches, false);
  });

  it("evaluates expressions, with `vars`", async () => {
    const hook = { on: "push", if: "github.ref_name == vars.BRANCH" };
    assert.equal((await matchHook(hook, { ...push, vars: { BRANCH: "main" } })).matches, true);
    assert.equal((await matchHook(hook, { ...push, vars: { BRANCH: "dev" } })).matches, false);
  });

  it("knows the source", async () => {
    const hook = { on: "push", source: "work" };
    assert.equal((await matchHook(hook, { ...push, source: "work" })).matches, true);
    await assert.rejects(matchHook(hook, push), /there is no source "work"/);
  });

  it("names all mistakes of the hook, and warns of what may be one", async () => {
    const wrong = matchHook("on: { push: { branchs: main, tag: v1 } }\nrun: make\n", push);
    await assert.rejects(wrong, { name: UserError.name, message: /branchs[\s\S]*tag/ });
    const { warnings } = await matchHook({ on: "pull_requests" }, push);
    assert.match(warnings.join(), /pull_requests.*Did you mean "pull_request"/);
  });
});
