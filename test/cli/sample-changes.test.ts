import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Changes, changedSample, withUniqueMember } from "../../src/cli/sample-changes.ts";
import { UserError } from "../../src/config/problem.ts";
import { loadSamples } from "../../src/github/samples.ts";
import { sample } from "../support/github.ts";

const SHA = "c".repeat(40);

describe("a changed sample", () => {
  it("is of the repository, branch and commit that were asked for, or the person is told why not", () => {
    const changes: [Changes, said: RegExp][] = [
      [{ repo: "acme/site" }, /"full_name":"acme\/site"/],
      [{ branch: "dev/x" }, /"(ref|head_branch)":"(refs\/heads\/)?dev\/x"/],
      [{ sha: SHA }, new RegExp(`"(after|sha|head_sha|merge_commit_sha)":"${SHA}"`)],
    ];
    for (const { event, payload } of loadSamples()) {
      for (const [change, said] of changes) {
        let changed: Record<string, unknown>;
        try {
          changed = changedSample(event, payload, change);
        } catch (error) {
          if (error instanceof UserError) continue;
          throw new Error(`${event} ${String(payload.action)} with ${JSON.stringify(change)}`, {
            cause: error,
          });
        }
        assert.match(JSON.stringify(changed), said);
      }
    }
  });

  it("leaves the sample itself as it is", () => {
    const before = sample("push");
    const copy = structuredClone(before);
    changedSample("push", copy, { repo: "acme/site", branch: "dev", sha: SHA });
    assert.deepEqual(copy, before);
  });

  it("names the other repository in every URL", () => {
    const changed = changedSample("push", sample("push"), { repo: "acme/site" });
    assert.equal(JSON.stringify(changed).includes("Codertocat/Hello-World"), false);
    const { name, owner } = changed.repository as { name: string; owner: { login: string } };
    assert.deepEqual([name, owner.login], ["site", "acme"]);
  });

  it("is not what somebody gets who asks for what makes no sense", () => {
    const change = (event: string, changes: Changes) => () => changedSample(event, sample(event), changes);
    for (const repo of ["site", "acme/", "/site", "a/b/c"])
      assert.throws(change("push", { repo }), { name: "UserError", message: /write it as owner\/name/ });
    assert.throws(change("watch", { branch: "main" }), { name: "UserError", message: /has no branch/ });
    assert.throws(change("watch", { sha: SHA }), { name: "UserError", message: /has no commit/ });
  });
});

describe("the unique member of a sample", () => {
  it("is added at the end, and every other byte stays", () => {
    const cases = [
      ["{}", '{"longshore_send":"x"}'],
      ["{ }\n", '{ "longshore_send":"x"}\n'],
      ['{"a":{"b":1} }', '{"a":{"b":1} ,"longshore_send":"x"}'],
      ['\uFEFF{"a":"}"}', '\uFEFF{"a":"}","longshore_send":"x"}'],
    ];
    for (const [before = "", after] of cases) assert.equal(withUniqueMember(before, "x"), after);
  });

  it("is not forced upon what is no object", () => {
    for (const text of ["", "null", "[1]", "}{"]) assert.equal(withUniqueMember(text, "x"), text);
  });
});
