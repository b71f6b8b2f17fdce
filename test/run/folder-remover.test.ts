import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FolderRemover } from "../../src/run/folder-remover.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("removing folders on a thread of its own", () => {
  it("removes each with all that is in it, and says so", async (t) => {
    const remover = new FolderRemover();
    t.after(() => remover.close());
    const folders = Array.from({ length: 5 }, () => join(temporaryFolder(t), "run"));
    for (const folder of folders) {
      mkdirSync(join(folder, "deep"), { recursive: true });
      writeFileSync(join(folder, "deep", "file"), "");
    }
    const problems = await Promise.all(folders.map((folder) => remover.remove(folder)));
    assert.deepEqual(problems, Array(5).fill(undefined));
    assert.deepEqual(folders.filter(existsSync), []);
  });

  it("says why one is still there, and goes on with the next", async (t) => {
    const remover = new FolderRemover();
    t.after(() => remover.close());
    assert.match((await remover.remove("/proc/self/fd")) ?? "", /^\/proc\/self\/fd/);
    assert.equal(await remover.remove(join(temporaryFolder(t), "none")), undefined);
  });

  it("ends when all that it was given is removed", async (t) => {
    const remover = new FolderRemover();
    const folder = temporaryFolder(t);
    void remover.remove(folder);
    await remover.close();
    assert.equal(existsSync(folder), false);
  });
});
