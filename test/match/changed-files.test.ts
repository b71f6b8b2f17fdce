import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ChangedFiles, readFacts } from "../../src/match/payload.ts";
import { pushPayload } from "../support/github.ts";

const AFTER = "a".repeat(40);

interface Commit {
  id: string;
  added: string[];
  removed: string[];
  modified: string[];
}

function commit(id: string, changes: Partial<Commit> = {}): Commit {
  return { id, added: [], removed: [], modified: [], ...changes };
}

/** So many commits, of which the last is the pushed one. */
function commits(count: number, changes: Partial<Commit> = { modified: ["a"] }): Commit[] {
  return Array.from({ length: count }, (_, index) =>
    commit(index === count - 1 ? AFTER : String(index), changes),
  );
}

const filesOf = (changes: object): ChangedFiles => readFacts("push", pushPayload(changes)).changedFiles;
const manyFiles = (count: number) => Array.from({ length: count }, (_, index) => `file-${index}`);

describe("the changed files of a push", () => {
  it("are what its commits have added, removed and modified, each once", () => {
    const list = [
      commit("1", { added: ["a", "b"], removed: ["c"] }),
      commit(AFTER, { modified: ["b", "d"], added: ["c"] }),
    ];
    assert.deepEqual(filesOf({ commits: list }), { known: true, files: ["a", "b", "c", "d"] });
  });

  it("are none when its commits change nothing", () => {
    assert.deepEqual(filesOf({ commits: [commit(AFTER)] }), { known: true, files: [] });
  });

  const known: [what: string, changes: object][] = [
    ["19 commits", { commits: commits(19) }],
    ["21 commits", { commits: commits(21) }],
    ["1,000 commits", { commits: commits(1_000) }],
    ["2,999 files", { commits: commits(1, { added: manyFiles(2_999) }) }],
    ["as many commits as the sender says", { commits: commits(2), total_commits: 2 }],
    ["nothing created, deleted or forced", { commits: commits(1), created: false, newerRun: null }],
  ];
  for (const [what, changes] of known) {
    it(`are known with ${what}`, () => assert.equal(filesOf(changes).known, true));
  }

  const unknown: [changes: object, why: string][] = [
    [{ commits: commits(1), created: true }, "the branch is new"],
    [{ commits: commits(1), forced: true }, "the push was forced"],
    [{ commits: [], deleted: true }, "the push deletes its ref"],
    [{ commits: [] }, "the push lists no commits"],
    [{}, "the push lists no commits"],
    [{ commits: "none" }, "the push lists no commits"],
    [{ commits: commits(20) }, "the list of 20 commits may have been cut"],
    [{ commits: commits(1_001) }, "the push has more than 1000 commits"],
    [{ commits: commits(2_048) }, "the push has more than 1000 commits"],
    [{ commits: [commit("1"), commit("2")] }, "the list of 2 commits may have been cut"],
    [{ commits: commits(2), total_commits: 3 }, "the list of 2 commits may have been cut"],
    [{ commits: [{ id: AFTER }] }, "a commit does not list its files"],
    [{ commits: [{ id: AFTER, added: [], removed: [] }] }, "a commit does not list its files"],
    [{ commits: commits(1, { removed: manyFiles(3_000) }) }, "the push changes 3000 files or more"],
    [
      {
        commits: [
          commit("1", { added: manyFiles(2_000) }),
          commit(AFTER, { added: manyFiles(4_000).slice(2_500, 3_500) }),
        ],
      },
      "the push changes 3000 files or more",
    ],
  ];
  for (const [changes, why] of unknown) {
    const what = JSON.stringify(changes).slice(0, 60);
    it(`are not known when ${why}: ${what} (story 51)`, () =>
      assert.deepEqual(filesOf(changes), { known: false, why }));
  }

  it("are never said to be known when a commit of the push is missing in the list (story 51)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), (count, drop) => {
        const whole = commits(count);
        // As the senders cut it that are known: the newest are left out, or the number is told.
        const kept = drop % count;
        const cut = drop % 2 === 0 ? whole.slice(0, kept) : whole.slice(kept + 1);
        const changes = drop % 2 === 0 ? { commits: cut } : { commits: cut, total_commits: count };
        assert.equal(filesOf(changes).known, false);
      }),
    );
  });
});

describe("the changed files of anything else", () => {
  it("are not in the payload of a pull request", () => {
    const why = "the payload of a pull request does not list them";
    assert.deepEqual(readFacts("pull_request", { commits: [] }).changedFiles, { known: false, why });
  });

  it("are not asked for", () => {
    assert.deepEqual(readFacts("issues", {}).changedFiles, { known: false, why: "only a push lists them" });
  });
});

describe("the skip marker of a push", () => {
  const cases: [message: string, marker: string | null][] = [
    ["Fix it [skip ci]", "[skip ci]"],
    ["[ci skip] Fix it", "[ci skip]"],
    ["Fix it\n\nBecause. [no ci]\n", "[no ci]"],
    ["Fix it [skip actions] now", "[skip actions]"],
    ["Fix it [actions skip]", "[actions skip]"],
    ["Fix it\n\n\nskip-checks: true", "skip-checks: true"],
    ["Fix it\n\n\nskip-checks:true\n", "skip-checks:true"],
    ["Fix it\n\nSigned-off-by: A\nskip-checks: true", "skip-checks: true"],
    ["Fix it\n\nskip-checks: true\nSigned-off-by: A", null],
    ["skip-checks: true", null],
    ["Fix it\n\nskip-checks: false", null],
    ["Fix it (skip ci)", null],
    ["skip ci", null],
    ["", null],
  ];
  for (const [message, marker] of cases) {
    it(`is ${marker} in ${JSON.stringify(message)}`, () => {
      assert.equal(readFacts("push", pushPayload({ head_commit: { message } })).skipMarker, marker);
    });
  }

  it("is none without a commit, and none of another event", () => {
    assert.equal(readFacts("push", pushPayload({ head_commit: null })).skipMarker, null);
    assert.equal(readFacts("issues", { head_commit: { message: "[skip ci]" } }).skipMarker, null);
  });
});
