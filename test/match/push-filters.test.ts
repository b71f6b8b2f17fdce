/** The filters of `push` as GitHub documents them: which kinds of refs, names, paths, markers, deletions. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Trigger } from "../../src/match/hook.ts";
import type { ChangedFiles } from "../../src/match/payload.ts";
import { checksOf, push } from "../support/verdicts.ts";

type Filters = Omit<Trigger, "event">;

/** What the checks beside `on` say: `filter: reason`, with a `!` before those that do not pass. */
function said(filters: Filters, facts: Parameters<typeof checksOf>[2]): string[] {
  return checksOf({ event: "push", ...filters }, "push", facts)
    .slice(1)
    .map(({ filter, passed, reason }) => `${passed ? "" : "!"}${filter}: ${reason}`);
}

describe("which refs a push hook is for", () => {
  const [main, v1, note] = ["refs/heads/main", "refs/tags/v1", "refs/notes/x"];
  const cases: [filters: Filters, ref: string, ...checks: string[]][] = [
    [{}, main],
    [{}, v1],
    [{ branches: ["main"] }, main, "push.branches: `main` matches [main]"],
    [{ branches: ["main"] }, v1, "!push.branches: `refs/tags/v1` is no branch"],
    [{ "branches-ignore": ["wip"] }, main, "push.branches-ignore: `main` matches none of [wip]"],
    [{ "branches-ignore": ["m*"] }, main, "!push.branches-ignore: `main` matches [m*]"],
    [{ "branches-ignore": ["wip"] }, v1, "!push.branches-ignore: `refs/tags/v1` is no branch"],
    [{ tags: ["v*"] }, v1, "push.tags: `v1` matches [v*]"],
    [{ tags: ["w*"] }, v1, "!push.tags: `v1` matches none of [w*]"],
    [{ tags: ["v*"] }, main, "!push.tags: `refs/heads/main` is no tag"],
    [{ "tags-ignore": ["*-rc"] }, v1, "push.tags-ignore: `v1` matches none of [*-rc]"],
    [{ "tags-ignore": ["v*"] }, v1, "!push.tags-ignore: `v1` matches [v*]"],
    [{ "tags-ignore": ["v*"] }, main, "!push.tags-ignore: `refs/heads/main` is no tag"],
    [{ branches: ["main"], tags: ["v*"] }, main, "push.branches: `main` matches [main]"],
    [{ branches: ["main"], tags: ["v*"] }, v1, "push.tags: `v1` matches [v*]"],
    [{ branches: ["x"], tags: ["v*"] }, main, "!push.branches: `main` matches none of [x]"],
    [{ branches: ["x"], tags: ["w*"] }, v1, "!push.tags: `v1` matches none of [w*]"],
    [{ branches: ["x"], "tags-ignore": ["w*"] }, v1, "push.tags-ignore: `v1` matches none of [w*]"],
    [{ "branches-ignore": ["x"], tags: ["v*"] }, main, "push.branches-ignore: `main` matches none of [x]"],
    [{ branches: ["**"] }, note, "!push.branches: `refs/notes/x` is no branch"],
    [{ tags: ["**"] }, note, "!push.tags: `refs/notes/x` is no tag"],
    [{ branches: ["**"], tags: ["**"] }, note, "!push.branches: `refs/notes/x` is no branch"],
    // GitHub's own examples of branches, tags and exclusions.
    [
      { branches: ["main", "mona/octocat", "releases/**"] },
      "refs/heads/releases/beta/3-alpha",
      "push.branches: `releases/beta/3-alpha` matches [main, mona/octocat, releases/**]",
    ],
    [
      { "branches-ignore": ["mona/octocat", "releases/**-alpha"] },
      "refs/heads/releases/beta/3-alpha",
      "!push.branches-ignore: `releases/beta/3-alpha` matches [mona/octocat, releases/**-alpha]",
    ],
    [
      { branches: ["releases/**", "!releases/**-alpha"] },
      "refs/heads/releases/beta/mona",
      "push.branches: `releases/beta/mona` matches [releases/**, !releases/**-alpha]",
    ],
    [
      { branches: ["releases/**", "!releases/**-alpha"] },
      "refs/heads/releases/10-alpha",
      "!push.branches: `releases/10-alpha` matches none of [releases/**, !releases/**-alpha]",
    ],
    [{ tags: ["v2", "v1.*"] }, "refs/tags/v1.9.1", "push.tags: `v1.9.1` matches [v2, v1.*]"],
    [{ tags: ["v2", "v1.*"] }, "refs/tags/v20", "!push.tags: `v20` matches none of [v2, v1.*]"],
  ];
  for (const [filters, ref, ...checks] of cases) {
    it(`is said of ${ref} with ${JSON.stringify(filters)}`, () =>
      assert.deepEqual(said(filters, push(ref)), checks));
  }
});

describe("which files a push hook is for", () => {
  const known = (...files: string[]): ChangedFiles => ({ known: true, files });
  const cases: [filters: Filters, files: ChangedFiles, check: string][] = [
    [{ paths: ["**.js"] }, known("a.md", "src/a.js"), "push.paths: `src/a.js` matches [**.js]"],
    [{ paths: ["**.js"] }, known("a.md"), "!push.paths: `a.md` matches none of [**.js]"],
    [
      { paths: ["**.js"] },
      known("a.md", "b.md"),
      "!push.paths: each of the 2 changed files matches none of [**.js]",
    ],
    [
      { paths: ["sub-project/**", "!sub-project/docs/**"] },
      known("sub-project/docs/readme.md"),
      "!push.paths: `sub-project/docs/readme.md` matches none of [sub-project/**, !sub-project/docs/**]",
    ],
    [
      { paths: ["sub-project/**", "!sub-project/docs/**"] },
      known("sub-project/docs/a", "sub-project/src/index.js"),
      "push.paths: `sub-project/src/index.js` matches [sub-project/**, !sub-project/docs/**]",
    ],
    [
      { paths: ["*.md", "!README.md", "README*"] },
      known("README.md"),
      "push.paths: `README.md` matches [*.md, !README.md, README*]",
    ],
    [{ "paths-ignore": ["docs/**"] }, known("docs/a"), "!push.paths-ignore: `docs/a` matches [docs/**]"],
    [
      { "paths-ignore": ["docs/**"] },
      known("docs/a", "docs/b", "docs/c"),
      "!push.paths-ignore: each of the 3 changed files matches [docs/**]",
    ],
    [
      { "paths-ignore": ["docs/**"] },
      known("docs/a", "src/b"),
      "push.paths-ignore: `src/b` matches none of [docs/**]",
    ],
    [
      { "paths-ignore": ["docs/**", "!docs/api/**"] },
      known("docs/api/x"),
      "push.paths-ignore: `docs/api/x` matches none of [docs/**, !docs/api/**]",
    ],
    [{ paths: ["**"] }, known(), "!push.paths: no file has changed"],
    [{ "paths-ignore": ["x"] }, known(), "!push.paths-ignore: no file has changed"],
  ];
  for (const [filters, changedFiles, check] of cases) {
    it(`is said of ${JSON.stringify(changedFiles)} with ${JSON.stringify(filters)}`, () =>
      assert.deepEqual(said(filters, { ...push("refs/heads/main"), changedFiles }), [check]));
  }

  for (const filter of ["paths", "paths-ignore"] as const) {
    it(`passes ${filter} when the files are not known, undecided, and says why (story 51)`, () => {
      const facts = push("refs/heads/main", { forced: true });
      const reason = "which files have changed is not known (the push was forced), so any of them may match";
      assert.deepEqual(checksOf({ event: "push", [filter]: ["x"] }, "push", facts).at(-1), {
        filter: `push.${filter}`,
        passed: true,
        reason,
        undecided: true,
      });
    });
  }

  it("is every pushed tag, whatever has changed", () => {
    const facts = { ...push("refs/tags/v1"), changedFiles: known("docs/a") };
    assert.deepEqual(said({ paths: ["src/**"] }, facts), [
      "push.paths: the paths of a tag are not looked at",
    ]);
    assert.deepEqual(said({ "paths-ignore": ["docs/**"] }, facts), [
      "push.paths-ignore: the paths of a tag are not looked at",
    ]);
  });

  it("is asked besides the branch: both have to let the push in", () => {
    const facts = { ...push("refs/heads/dev"), changedFiles: known("src/a") };
    assert.deepEqual(said({ branches: ["main"], paths: ["src/**"] }, facts), [
      "!push.branches: `dev` matches none of [main]",
      "push.paths: `src/a` matches [src/**]",
    ]);
  });
});

describe("a push whose commit asks to be skipped", () => {
  it("starts nothing, and says what asked for it", () => {
    const facts = push("refs/heads/main", { head_commit: { message: "Fix a typo [skip ci]" } });
    assert.deepEqual(said({}, facts), ["!push.skip: the commit's message says `[skip ci]`"]);
  });
});

describe("a push that deletes its ref", () => {
  it("starts a hook that asks for deletions, by the filters for names", () => {
    const facts = push("refs/heads/feature/x", { deleted: true, commits: [], head_commit: null });
    assert.deepEqual(said({ deleted: true, branches: ["feature/**"], paths: ["src/**"] }, facts), [
      "push.deleted: this push deletes `feature/x`",
      "push.branches: `feature/x` matches [feature/**]",
      "push.paths: which files have changed is not known (the push deletes its ref), so any of them may match",
    ]);
    assert.deepEqual(said({ deleted: false }, facts), ["!push.deleted: this push deletes `feature/x`"]);
  });

  it("is not all that such a hook takes", () => {
    assert.deepEqual(said({ deleted: true }, push("refs/heads/main")), []);
  });
});
