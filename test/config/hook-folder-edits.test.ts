import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { hooksFolder, hookText } from "../support/hooks.ts";

describe("a change in the hooks folder", () => {
  it("that renames a file renames its hook, and does not load it twice (story 46)", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("x") });
    await hooks.folder.load();
    renameSync(join(hooks.path, "deploy.yml"), join(hooks.path, "publish.yml"));
    await hooks.folder.load();
    assert.deepEqual([hooks.scripts(), hooks.problems()], [{ publish: "x" }, []]);
  });

  it("is seen when it leaves the size as it was", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml": hookText("one") });
    await hooks.folder.load();
    hooks.write("deploy.yml", hookText("two"));
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { deploy: "two" });
  });

  it("may put a file in the place of a folder, and the other way round", async (t) => {
    const hooks = hooksFolder(t, { "deploy.yml/inner.yml": hookText("inner") });
    await hooks.folder.load();
    hooks.remove("deploy.yml");
    hooks.write("deploy.yml", hookText("file"));
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { deploy: "file" });
    hooks.remove("deploy.yml");
    hooks.write("deploy.yml/inner.yml", hookText("inner"));
    await hooks.folder.load();
    assert.deepEqual(hooks.scripts(), { "deploy.yml/inner": "inner" });
  });

  it("may take away all that is in it, folders included (story 46)", async (t) => {
    const hooks = hooksFolder(t, { "a.yml": hookText("a"), "b/c.yml": hookText("c"), "bad.yml": "on: push" });
    await hooks.folder.load();
    for (const entry of ["a.yml", "b", "bad.yml"]) hooks.remove(entry);
    await hooks.folder.load();
    assert.deepEqual([hooks.scripts(), hooks.problems(), hooks.folder.has("a")], [{}, [], false]);
  });
});
