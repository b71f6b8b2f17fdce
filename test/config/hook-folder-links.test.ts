import assert from "node:assert/strict";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HookFolder } from "../../src/config/hook-folder.ts";
import { writeConfigMap } from "../support/config-map.ts";
import { CONTEXT, hooksFolder, hookText, scriptOf } from "../support/hooks.ts";
import { temporaryFolder } from "../support/temporary.ts";

const scriptsOf = ({ hooks }: HookFolder) => hooks.map((hook) => `${hook.name}: ${scriptOf(hook)}`);

describe("links in the hooks folder", () => {
  it("of a ConfigMap are followed, each hook loaded once, and a swapped version is seen (story 46)", async (t) => {
    const mount = join(temporaryFolder(t), "hooks");
    writeConfigMap(mount, 1, { "deploy.yml": hookText("one"), "check.yml": hookText("one") });
    const folder = new HookFolder(mount, CONTEXT);
    await folder.load();
    assert.deepEqual(scriptsOf(folder), ["check: one", "deploy: one"]);

    writeConfigMap(mount, 2, { "deploy.yml": hookText("two"), "check.yml": hookText("two") });
    assert.equal(await folder.reload(), false);
    assert.equal(await folder.reload(), true);
    assert.deepEqual(scriptsOf(folder), ["check: two", "deploy: two"]);
    assert.deepEqual(folder.problems, []);
  });

  it("of a ConfigMap below the folder are followed as well", async (t) => {
    const hooks = hooksFolder(t, { "own.yml": hookText("own") });
    writeConfigMap(join(hooks.path, "team"), 1, { "deploy.yml": hookText("one") });
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { own: "own", "team/deploy": "one" });
    writeConfigMap(join(hooks.path, "team"), 2, { "deploy.yml": hookText("two") });
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { own: "own", "team/deploy": "two" });
  });

  it("can swap the whole folder (story 46)", async (t) => {
    const root = temporaryFolder(t);
    for (const version of ["blue", "green"]) {
      mkdirSync(join(root, version));
      writeFileSync(join(root, version, "deploy.yml"), hookText(version));
    }
    writeFileSync(join(root, "green", "extra.yml"), hookText("green"));
    symlinkSync("blue", join(root, "current"));
    const folder = new HookFolder(join(root, "current"), CONTEXT);
    await folder.load();
    assert.deepEqual(scriptsOf(folder), ["deploy: blue"]);

    symlinkSync("green", join(root, "next"));
    renameSync(join(root, "next"), join(root, "current"));
    assert.equal(await folder.reload(), false);
    assert.equal(await folder.reload(), true);
    assert.deepEqual(scriptsOf(folder), ["deploy: green", "extra: green"]);
  });

  it("to files elsewhere are hooks, named for the link", async (t) => {
    const hooks = hooksFolder(t);
    const elsewhere = join(temporaryFolder(t), "original.yml");
    writeFileSync(elsewhere, hookText("linked"));
    symlinkSync(elsewhere, join(hooks.path, "deploy.yml"));
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { deploy: "linked" });
  });

  it("to nothing are no hooks and no fault of the others", async (t) => {
    const hooks = hooksFolder(t, { "good.yml": hookText("x") });
    symlinkSync("missing.yml", join(hooks.path, "dangling.yml"));
    symlinkSync("round.yml", join(hooks.path, "round.yml"));
    await hooks.folder.load();
    assert.deepEqual([hooks.scripts(), hooks.problems()], [{ good: "x" }, []]);
  });

  it("that lead back up are not followed round and round", { timeout: 10_000 }, async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x"), "a/b.yml": hookText("y") });
    symlinkSync(".", join(hooks.path, "self"));
    symlinkSync("..", join(hooks.path, "a", "up"));
    symlinkSync(hooks.path, join(hooks.path, "a", "again"));
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { deploy: "x", "a/b": "y" });
  });

  it("to one folder under two names are two sets of hooks", async (t) => {
    const hooks = hooksFolder(t, { "a/deploy.yml": hookText("x") });
    symlinkSync("a", join(hooks.path, "b"));
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { "a/deploy": "x", "b/deploy": "x" });
  });
});
