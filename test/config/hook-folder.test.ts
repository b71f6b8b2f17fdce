import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HookFolder } from "../../src/config/hook-folder.ts";
import { CONTEXT, hooksFolder, hookText, scriptOf } from "../support/hooks.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("loading the hooks folder", () => {
  it("takes every file as it is, ordered by name", async (t) => {
    const hooks = hooksFolder(t, {
      "b.yml": hookText("b"),
      "a-b.yml": hookText("a-b"),
      "a.yaml": hookText("a"),
      "a/b.yml": hookText("a/b"),
    });
    await hooks.folder.load();
    assert.deepEqual(
      hooks.folder.hooks.map(({ name }) => name),
      ["a", "a-b", "a/b", "b"],
    );
    assert.deepEqual(hooks.scripts(), { a: "a", "a-b": "a-b", "a/b": "a/b", b: "b" });
    assert.deepEqual(hooks.problems(), []);
  });

  it("names a hook by its whole path below the folder, so that no two share a name (story 22)", async (t) => {
    const hooks = hooksFolder(t, {
      "deploy.yml": hookText("one"),
      "team-a/deploy.yml": hookText("two"),
      "team-b/deploy.yml": hookText("three"),
      "team-b/x/deploy.prod.yml": hookText("four"),
    });
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), {
      deploy: "one",
      "team-a/deploy": "two",
      "team-b/deploy": "three",
      "team-b/x/deploy.prod": "four",
    });
  });

  it("does not look into a folder whose name merely begins alike (story 23)", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("mine") });
    const sibling = `${hooks.path}-secret`;
    mkdirSync(sibling);
    writeFileSync(join(sibling, "other.yml"), hookText("not mine"));
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { deploy: "mine" });
  });

  it("ignores what is no hook", async (t) => {
    const hooks = hooksFolder(t, {
      ".hidden.yml": hookText("x"),
      "_draft.yml": hookText("x"),
      "_lib/part.yml": hookText("x"),
      ".git/config.yml": hookText("x"),
      "node_modules/p/x.yml": hookText("x"),
      "a/node_modules/x.yml": hookText("x"),
      "readme.md": "text",
      "deploy.yml.bak": hookText("x"),
      "deploy.yml~": hookText("x"),
      deploy: "echo the first line of a script is missing\n",
      yml: hookText("x"),
    });
    mkdirSync(join(hooks.path, "folder.yml"));
    await hooks.folder.load();
    assert.deepEqual([hooks.scripts(), hooks.problems()], [{}, []]);
  });

  it("has no hooks and no problems where there is no folder, until there is one", async (t) => {
    const path = join(temporaryFolder(t), "later");
    const folder = new HookFolder(path, CONTEXT);
    await folder.load();
    assert.deepEqual([folder.hooks, folder.problems], [[], []]);
    mkdirSync(path);
    writeFileSync(join(path, "deploy.yml"), hookText("now"));
    await folder.load();
    assert.equal(folder.hooks.length, 1);
  });

  it("says of a broken file what is wrong, and loads the others", async (t) => {
    const hooks = hooksFolder(t, { "bad.yml": "on: push\nruns: x\n", "good.yml": hookText("x") });
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { good: "x" });
    assert.deepEqual(hooks.problems(), [
      "bad.yml: `run` or `forward` is missing",
      'bad.yml: unknown key `runs`. Did you mean "run"?',
    ]);
  });

  it("says it when two files have one name, and loads one of them", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yaml": hookText("a"), "deploy.yml": hookText("b") });
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { deploy: "a" });
    assert.deepEqual(hooks.problems(), ["deploy.yml: deploy.yaml has the same name; rename one of them"]);
    hooks.remove("deploy.yaml");
    await hooks.folder.load();
    assert.deepEqual([hooks.scripts(), hooks.problems()], [{ deploy: "b" }, []]);
  });
});

describe("reading the hooks folder again", () => {
  it("counts readings that are asked for at once as one", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x") });
    await Promise.all([hooks.folder.reload(), hooks.folder.reload()]);
    assert.deepEqual(hooks.scripts(), {}, "it has been seen once, so nobody knows that it stands still");
    await hooks.folder.reload();
    assert.deepEqual(hooks.scripts(), { deploy: "x" });
  });

  it("keeps the hook that is loaded when a stray file with its name comes", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("loaded") });
    await hooks.folder.load();
    hooks.write("deploy.yaml", hookText("stray"));
    await hooks.folder.reload();
    assert.equal(await hooks.folder.reload(), true);
    assert.deepEqual(hooks.scripts(), { deploy: "loaded" });
    assert.deepEqual(hooks.problems(), ["deploy.yaml: deploy.yml has the same name; rename one of them"]);
  });

  it("loads a new file once it has stood still for one reading", async (t) => {
    const hooks = hooksFolder(t);
    await hooks.folder.load();
    hooks.write("deploy.yml", "on: push\nrun: half wri");
    assert.equal(await hooks.folder.reload(), false);
    hooks.write("deploy.yml", hookText("half written, now whole"));
    assert.equal(await hooks.folder.reload(), false, "it has changed since the last reading");
    assert.deepEqual(hooks.scripts(), {});
    assert.equal(await hooks.folder.reload(), true);
    assert.deepEqual(hooks.scripts(), { deploy: "half written, now whole" });
  });

  it("keeps the old version of a file until the new one stands still", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("old") });
    await hooks.folder.load();
    hooks.write("deploy.yml", hookText("newer"));
    assert.equal(await hooks.folder.reload(), false);
    assert.deepEqual(hooks.scripts(), { deploy: "old" });
    assert.equal(await hooks.folder.reload(), true);
    assert.deepEqual(hooks.scripts(), { deploy: "newer" });
  });

  it("leaves the set as it is when nothing has changed", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x"), "bad.yml": "on: push\n" });
    await hooks.folder.load();
    const { hooks: before } = hooks.folder;
    assert.equal(await hooks.folder.reload(), false);
    assert.equal(hooks.folder.hooks, before);
  });

  it("swaps the whole set at once: who holds the old one sees no part of the new one", async (t) => {
    const hooks = hooksFolder(t, { "a.yml": hookText("old"), "b.yml": hookText("old") });
    await hooks.folder.load();
    const before = hooks.folder.hooks;
    hooks.write("a.yml", hookText("newer"));
    hooks.write("b.yml", hookText("newer"));
    await hooks.folder.load();
    assert.deepEqual(before.map(scriptOf), ["old", "old"]);
    assert.deepEqual(hooks.scripts(), { a: "newer", b: "newer" });
  });

  it("sees a file that an editor puts in place by renaming (story 46)", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("same size 1") });
    await hooks.folder.load();
    hooks.write(".deploy.yml.swp", hookText("same size 2"));
    renameSync(join(hooks.path, ".deploy.yml.swp"), join(hooks.path, "deploy.yml"));
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { deploy: "same size 2" });
  });

  it("forgets a file that is gone for two readings, also when it was the last one (story 46)", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x") });
    await hooks.folder.load();
    hooks.remove("deploy.yml");
    assert.equal(await hooks.folder.reload(), false);
    assert.deepEqual(hooks.scripts(), { deploy: "x" });
    assert.equal(await hooks.folder.reload(), true);
    assert.deepEqual([hooks.scripts(), hooks.problems()], [{}, []]);
  });

  it("does not mind a file that is gone for a moment", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x") });
    await hooks.folder.load();
    hooks.remove("deploy.yml");
    await hooks.folder.reload();
    hooks.write("deploy.yml", hookText("back again"));
    await hooks.folder.reload();
    assert.deepEqual(hooks.scripts(), { deploy: "x" });
    await hooks.folder.reload();
    assert.deepEqual(hooks.scripts(), { deploy: "back again" });
  });

  it("keeps all hooks while their folder is gone for a moment", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x"), "a/b.yml": hookText("y") });
    await hooks.folder.load();
    renameSync(hooks.path, `${hooks.path}.away`);
    await hooks.folder.reload();
    renameSync(`${hooks.path}.away`, hooks.path);
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { deploy: "x", "a/b": "y" });
  });

  for (const [what, text, problem] of [
    ["empty", "", "deploy.yml: `on` is missing"],
    [
      "not valid",
      "on: [push\n",
      "deploy.yml: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    ["full of bytes that are no text", "\0\u0001\uFFFD".repeat(99), "deploy.yml: expected a map"],
  ] as const) {
    it(`keeps the last good version of a file that is ${what}, and says so (story 46)`, async (t) => {
      const hooks = hooksFolder(t, { "deploy.yml": hookText("good") });
      await hooks.folder.load();
      hooks.write("deploy.yml", text);
      await hooks.folder.load();
      assert.deepEqual(hooks.scripts(), { deploy: "good" });
      assert.equal(hooks.problems()[0], problem);
      hooks.write("deploy.yml", hookText("mended"));
      await hooks.folder.load();
      assert.deepEqual([hooks.scripts(), hooks.problems()], [{ deploy: "mended" }, []]);
    });
  }

  it("lets a hook go when its broken file is removed", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("good") });
    await hooks.folder.load();
    hooks.write("deploy.yml", "broken");
    await hooks.folder.load();
    rmSync(join(hooks.path, "deploy.yml"));
    await hooks.folder.load();
    assert.deepEqual([hooks.scripts(), hooks.problems()], [{}, []]);
  });
});

describe("asking for a hook's file", () => {
  it("finds what is loaded, broken, or not loaded yet, and nothing else", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x"), "team/broken.yml": "on: push" });
    await hooks.folder.load();
    hooks.write("new.yml", hookText("y"));
    await hooks.folder.reload();
    const asked = ["deploy", "team/broken", "new", "broken", "other"];
    assert.deepEqual(
      asked.filter((name) => hooks.folder.has(name)),
      ["deploy", "team/broken", "new"],
    );
  });

  it("finds it no more when it has been away for two readings", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x") });
    await hooks.folder.load();
    hooks.remove("deploy.yml");
    await hooks.folder.reload();
    assert.equal(hooks.folder.has("deploy"), true);
    await hooks.folder.reload();
    assert.equal(hooks.folder.has("deploy"), false);
  });

  it("says yes to all while the whole folder is away", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x") });
    await hooks.folder.load();
    rmSync(hooks.path, { recursive: true });
    await hooks.folder.load();
    assert.equal(hooks.folder.has("deploy"), true);
  });

  it("tells when it looked last", async (t) => {
    const hooks = hooksFolder(t);
    const before = Date.now();
    await hooks.folder.load();
    assert.ok(hooks.folder.readAt >= before && hooks.folder.readAt <= Date.now());
  });
});
