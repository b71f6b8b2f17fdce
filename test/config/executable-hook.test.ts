import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { whyNotStartable } from "../../src/config/executable-hook.ts";
import { hooksFolder, type TestHooks } from "../support/hooks.ts";
import { temporaryFolder } from "../support/temporary.ts";

const SCRIPT = "#!/bin/sh\ntrue\n";
const X = 0o755;

const namesOf = ({ folder }: TestHooks) => folder.hooks.map(({ name }) => name);

describe("an executable in the hooks folder", () => {
  it("is a hook when its name is one that a delivery can have", async (t) => {
    const hooks = hooksFolder(t);
    const names = [
      "all",
      "pull_request",
      "push",
      "push-Hello_World.v2",
      "push-next.js-canary",
      "push-site-feature/x",
      "push-site-v1.0",
    ];
    for (const name of names) hooks.write(name, SCRIPT, X);
    await hooks.folder.load();
    assert.deepEqual([namesOf(hooks), hooks.problems()], [names, []]);
  });

  it("says where it is and what it is for, as far as that can be told", async (t) => {
    const hooks = hooksFolder(t);
    hooks.write("all", SCRIPT, X);
    hooks.write("push-my-repo-feature/x", SCRIPT, X);
    await hooks.folder.load();
    const path = join(hooks.path, "push-my-repo-feature/x");
    assert.deepEqual(hooks.folder.hooks[0]?.on, [{ event: "*" }]);
    assert.deepEqual(hooks.folder.hooks[1], {
      name: "push-my-repo-feature/x",
      file: path,
      on: [{ event: "push" }],
      work: { kind: "executable", path, folder: hooks.path, timeoutMs: 3_600_000 },
    });
  });

  it("is none when no delivery can have its name", async (t) => {
    const hooks = hooksFolder(t);
    for (const name of [
      "README",
      "README.md",
      "push.sh",
      "push~",
      "push-site~",
      "push-",
      "push-site main",
      "team/push",
      "push/site",
      "push-site/main",
      "_push",
      ".push",
      "_lib/push-site-x",
    ])
      hooks.write(name, SCRIPT, X);
    await hooks.folder.load();
    assert.deepEqual([namesOf(hooks), hooks.problems()], [[], []]);
  });

  it("has the name of a file with an ending; both are told of and one is loaded", async (t) => {
    const hooks = hooksFolder(t, { "push.yml": "on: push\nrun: x" });
    hooks.write("push", SCRIPT, X);
    await hooks.folder.load();
    assert.deepEqual(namesOf(hooks), ["push"]);
    assert.deepEqual(hooks.problems(), ["push.yml: push has the same name; rename one of them"]);
  });
});

describe("an executable for an event that this version does not know", () => {
  it("is a hook with a warning that suggests the event it may be meant for", async (t) => {
    const hooks = hooksFolder(t);
    for (const name of ["pull_requests-site", "new_in_2030", "pull_request_target"])
      hooks.write(name, SCRIPT, X);
    await hooks.folder.load();
    assert.deepEqual(namesOf(hooks), ["new_in_2030", "pull_request_target", "pull_requests-site"]);
    const hint = "so perhaps it never runs; a name that begins with `_` says that it is no hook.";
    assert.deepEqual(hooks.problems(), [
      `new_in_2030: GitHub has no event \`new_in_2030\` that this version knows, ${hint}`,
      "pull_request_target: no webhook has the event `pull_request_target`, it comes as `pull_request`, so it never runs; a name that begins with `_` says that it is no hook.",
      `pull_requests-site: GitHub has no event \`pull_requests\` that this version knows, ${hint} Did you mean "pull_request"?`,
    ]);
    assert.deepEqual(new Set(hooks.folder.problems.map(({ severity }) => severity)), new Set(["warning"]));
  });
});

describe("a file without execute permission", () => {
  const WARNING =
    "looks like a script and has no execute permission, so it is no hook: `chmod +x` makes it one; a name that begins with `_` says that it is none";

  it("is no hook, and told of when it looks like a script", async (t) => {
    const hooks = hooksFolder(t, {
      push: SCRIPT,
      all: "echo all\n",
      notes: "to do\n",
      "push.yml": "on: push\nrun: x",
    });
    await hooks.folder.load();
    assert.deepEqual(hooks.problems(), [`all: ${WARNING}`, `push: ${WARNING}`]);
    assert.deepEqual(
      hooks.folder.problems.map(({ severity }) => severity),
      ["warning", "warning"],
    );
    assert.deepEqual(hooks.scripts(), { push: "x" }, "it takes no name away");
    assert.deepEqual(
      ["push", "all", "notes"].map((name) => hooks.folder.has(name)),
      [true, false, false],
    );
  });

  it("becomes a hook with the permission, and is none without it again", async (t) => {
    const hooks = hooksFolder(t, { push: SCRIPT });
    await hooks.folder.load();
    assert.deepEqual(namesOf(hooks), []);
    chmodSync(join(hooks.path, "push"), X);
    assert.equal(hooks.folder.has("push"), false);
    assert.equal(await hooks.folder.reload(), false);
    assert.equal(hooks.folder.has("push"), true, "what is yet to be read may be a hook");
    assert.equal(await hooks.folder.reload(), true);
    assert.deepEqual([namesOf(hooks), hooks.problems()], [["push"], []]);
    chmodSync(join(hooks.path, "push"), 0o644);
    await hooks.folder.load();
    assert.deepEqual([namesOf(hooks), hooks.problems()], [[], [`push: ${WARNING}`]]);
    assert.equal(hooks.folder.has("push"), false);
  });
});

describe("an executable that cannot be started", () => {
  const cases: [what: string, text: string | Uint8Array, reason: RegExp | undefined][] = [
    [
      "has no first line",
      "echo x\n",
      /has no first line that says what reads it: begin it with `#!\/bin\/sh`/,
    ],
    ["is empty", "", /has no first line/],
    ["begins with a byte order mark", `\uFEFF${SCRIPT}`, /begins with a byte order mark/],
    ["has line ends of Windows", "#!/bin/sh\r\ntrue\r\n", /ends as lines do on Windows/],
    ["names what is not there", "#! /no/such/python -u\n", /names \/no\/such\/python, which is not there$/],
    ["finds its interpreter by its name", "#!/usr/bin/env python3\n", undefined],
    ["is no text", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0), undefined],
  ];
  for (const [what, content, reason] of cases)
    it(`is told of when it ${what}${reason ? "" : ": nobody can know"}`, async (t) => {
      const hooks = hooksFolder(t);
      hooks.write("push", "", X);
      writeFileSync(join(hooks.path, "push"), content);
      await hooks.folder.load();
      const [problem] = hooks.problems();
      if (reason) assert.match(problem ?? "", reason);
      else assert.equal(problem, undefined);
      // Its runs fail with that reason, which is seen sooner than a hook that is not there.
      assert.deepEqual(namesOf(hooks), ["push"]);
    });

  it("is one that went away, or lost its permission, since it was loaded", (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, "push");
    assert.equal(whyNotStartable(path, folder), `${path} is not there`);
    writeFileSync(path, SCRIPT);
    assert.match(whyNotStartable(path, folder) ?? "", /may not be executed by the server's account/);
    chmodSync(path, X);
    assert.equal(whyNotStartable(path, folder), undefined);
  });
});

describe("a link to an executable", () => {
  /** A hooks folder, and beside it a script that `push` links to. */
  function linked(t: Parameters<typeof hooksFolder>[0]) {
    const hooks = hooksFolder(t);
    const place = join(temporaryFolder(t), "elsewhere");
    const target = join(place, "deploy.sh");
    mkdirSync(place);
    writeFileSync(target, SCRIPT);
    chmodSync(target, X);
    symlinkSync(target, join(hooks.path, "push"));
    return { hooks, place, target };
  }

  it("is a hook, named for the link, wherever it leads", async (t) => {
    const { hooks } = linked(t);
    mkdirSync(join(hooks.path, "_scripts"));
    hooks.write("_scripts/ci", SCRIPT, X);
    symlinkSync("_scripts/ci", join(hooks.path, "issues"));
    await hooks.folder.load();
    assert.deepEqual([namesOf(hooks), hooks.problems()], [["issues", "push"], []]);
  });

  it("does not run what everybody can write elsewhere (stories 22, 23)", async (t) => {
    const { hooks, target } = linked(t);
    chmodSync(target, 0o777);
    await hooks.folder.load();
    assert.deepEqual(hooks.problems(), [
      `push: its runs fail: ${join(hooks.path, "push")} leads to ${target}, which everybody can write: \`chmod o-w\``,
    ]);
  });

  it("does not run what everybody can put there, unless only its owner can replace it", async (t) => {
    const { hooks, place } = linked(t);
    chmodSync(place, 0o777);
    await hooks.folder.load();
    assert.match(hooks.problems()[0] ?? "", new RegExp(`everybody can write in ${place}: `));
    chmodSync(place, 0o1777);
    assert.equal(whyNotStartable(join(hooks.path, "push"), hooks.path), undefined);
  });

  // Only root can give files away.
  if (process.getuid?.() === 0)
    it("does not run what belongs to another account, unless it owns the hooks folder", async (t) => {
      const { hooks, target } = linked(t);
      chownSync(target, 12_345, 12_345);
      await hooks.folder.load();
      assert.match(hooks.problems()[0] ?? "", /belongs to another account/);
      chownSync(hooks.path, 12_345, 12_345);
      assert.equal(whyNotStartable(join(hooks.path, "push"), hooks.path), undefined);
    });

  it("runs what everybody can write in the folder itself: that is its owner's business", (t) => {
    const hooks = hooksFolder(t);
    hooks.write("push", SCRIPT, 0o777);
    assert.equal(whyNotStartable(join(hooks.path, "push"), hooks.path), undefined);
  });

  it("leads out into a folder that merely begins alike (story 23)", (t) => {
    const hooks = hooksFolder(t);
    const sibling = `${hooks.path}-secret`;
    mkdirSync(sibling);
    writeFileSync(join(sibling, "x"), SCRIPT);
    chmodSync(join(sibling, "x"), 0o777);
    symlinkSync(join(sibling, "x"), join(hooks.path, "push"));
    assert.match(whyNotStartable(join(hooks.path, "push"), hooks.path) ?? "", /which everybody can write/);
  });

  it("can be swapped with its folder, as a ConfigMap is (story 46)", async (t) => {
    const hooks = hooksFolder(t);
    for (const version of ["..1", "..2"]) hooks.write(`${version}/push`, SCRIPT, X);
    hooks.write("..2/issues", SCRIPT, X);
    const swap = (version: string) => {
      symlinkSync(version, join(hooks.path, "..data_tmp"));
      renameSync(join(hooks.path, "..data_tmp"), join(hooks.path, "..data"));
    };
    swap("..1");
    symlinkSync("..data/push", join(hooks.path, "push"));
    symlinkSync("..data/issues", join(hooks.path, "issues"));
    await hooks.folder.load();
    assert.deepEqual([namesOf(hooks), hooks.problems()], [["push"], []]);
    swap("..2");
    await hooks.folder.load();
    assert.deepEqual(namesOf(hooks), ["issues", "push"]);
    rmSync(join(hooks.path, "..2/push"));
    await hooks.folder.load();
    assert.deepEqual(namesOf(hooks), ["issues"]);
  });
});
