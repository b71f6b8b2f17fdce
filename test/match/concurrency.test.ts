import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { groupOf } from "../../src/match/concurrency.ts";
import type { Concurrency, Hook } from "../../src/match/hook.ts";
import { judge } from "../../src/match/match.ts";
import { type Payload, readFacts } from "../../src/match/payload.ts";
import { pushPayload } from "../support/github.ts";
import { hook, incoming } from "../support/verdicts.ts";

function withGroup(group: string, changes: Partial<Concurrency> = {}, more: Partial<Hook> = {}): Hook {
  const concurrency: Concurrency = {
    group,
    scope: "repository",
    queue: "single",
    cancelInProgress: false,
    ...changes,
  };
  return { ...hook("deploy", { event: "push" }), concurrency, ...more };
}

const PUSH = pushPayload({ repository: { full_name: "Acme/Site", name: "Site" } });

function groupFor(definition: Hook, payload: Payload = PUSH, source = "github") {
  return groupOf(definition, source, { event: "push", facts: readFacts("push", payload), payload });
}

describe("the group of a run", () => {
  it("is none when the hook names none", () => {
    assert.equal(groupFor(hook("deploy", { event: "push" })), undefined);
  });

  it("belongs to the source and the repository, and knows no upper case", () => {
    const expected = { name: "github acme/site deploy", queue: "single", cancelsRunning: false };
    assert.deepEqual(groupFor(withGroup("Deploy")), expected);
    assert.deepEqual(groupFor(withGroup("DEPLOY"), PUSH, "GitHub"), expected);
    assert.notDeepEqual(groupFor(withGroup("deploy"), PUSH, "partner"), expected);
  });

  it("is one of the whole server where the hook says so", () => {
    const group = withGroup("lock", { scope: "server" });
    assert.deepEqual(groupFor(group), groupFor(group, pushPayload(), "partner"));
  });

  it("can be of no repository", () => {
    assert.deepEqual(groupFor(withGroup("all"), {}), {
      name: "github - all",
      queue: "single",
      cancelsRunning: false,
    });
  });

  it("is told by expressions", () => {
    const group = withGroup(
      "${{ github.workflow }}-${{ github.ref_name }}-${{ vars.ZONE }}",
      {},
      {
        vars: { ZONE: "EU" },
      },
    );
    const found = groupFor(group);
    assert.ok(found && "name" in found);
    assert.equal(found.name, "github acme/site deploy-main-eu");
  });

  it("stops what is being performed where an expression says so", () => {
    const cancels = (cancelInProgress: boolean | string) => {
      const found = groupFor(withGroup("x", { cancelInProgress }));
      assert.ok(found && "name" in found);
      return found.cancelsRunning;
    };
    assert.deepEqual([true, "github.ref_name == 'main'", "github.ref_name != 'main'"].map(cancels), [
      true,
      true,
      false,
    ]);
  });

  for (const [what, group, problem] of [
    ["cannot be evaluated", "${{ fromJSON(github.ref) }}", /^it cannot be evaluated: /],
    ["is empty", "${{ github.base_ref }}", /^the group's name is empty$/],
    ["is too long", "${{ github.event.long }}", /^the group's name is longer than 400 characters$/],
  ] as const)
    it(`is a reason not to match when it ${what}: nobody could run it`, () => {
      const payload = { ...PUSH, long: "x".repeat(401) };
      const [verdict] = judge(incoming("push", payload), readFacts("push", payload), [withGroup(group)]);
      assert.deepEqual([verdict?.matches, verdict?.error], [false, true]);
      assert.equal(verdict?.checks.at(-1)?.filter, "concurrency");
      assert.match(verdict?.checks.at(-1)?.reason ?? "", problem);
    });

  it("is part of the verdict of a hook that matches", () => {
    const [verdict] = judge(incoming("push", PUSH), readFacts("push", PUSH), [withGroup("deploy")]);
    assert.deepEqual([verdict?.matches, verdict?.group?.name], [true, "github acme/site deploy"]);
  });
});
