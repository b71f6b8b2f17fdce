import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { removeFolder } from "../../src/lib/remove-folder.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("removing a folder", () => {
  it("removes all that is in it, whatever it is called and however deep it lies", (t) => {
    const parent = temporaryFolder(t);
    const folder = join(parent, "run");
    mkdirSync(join(folder, ...Array.from({ length: 300 }, () => "deep")), { recursive: true });
    writeFileSync(join(folder, "deep", "file"), "");
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x0a, 0xfe])]), "");
    removeFolder(folder);
    assert.deepEqual(readdirSync(parent), []);
  });

  it("takes what is not there for removed", (t) => {
    removeFolder(join(temporaryFolder(t), "gone"));
  });

  it("removes links, and touches nothing that they lead to", (t) => {
    const parent = temporaryFolder(t);
    const [folder, other] = [join(parent, "run"), join(parent, "other")];
    for (const path of [folder, other]) mkdirSync(path);
    writeFileSync(join(other, "file"), "", { mode: 0o640 });
    chmodSync(other, 0o750);
    for (const target of [other, join(other, "file"), "/no/such/file"])
      symlinkSync(target, join(folder, `link-${target.length}`));
    removeFolder(folder);
    assert.deepEqual(readdirSync(parent), ["other"]);
    assert.deepEqual(readdirSync(other), ["file"]);
    assert.deepEqual(
      [statSync(other).mode & 0o777, statSync(join(other, "file")).mode & 0o777],
      [0o750, 0o640],
    );
  });

  it("removes a link that stands in its own place, and not what it leads to", (t) => {
    const parent = temporaryFolder(t);
    mkdirSync(join(parent, "other", "inner"), { recursive: true });
    symlinkSync(join(parent, "other"), join(parent, "run"));
    removeFolder(join(parent, "run"));
    assert.deepEqual(readdirSync(parent), ["other"]);
    assert.equal(existsSync(join(parent, "other", "inner")), true);
  });

  it("is not kept by folders that forbid their own account to read or change them", (t) => {
    const folder = join(temporaryFolder(t), "run");
    mkdirSync(join(folder, "a", "b"), { recursive: true });
    writeFileSync(join(folder, "a", "b", "file"), "");
    for (const [path, mode] of [
      ["a/b", 0o000],
      ["a", 0o500],
      ["", 0o000],
    ] as const)
      chmodSync(join(folder, path), mode);
    removeFolder(folder);
    assert.equal(existsSync(folder), false);
  });

  it("says what is in the way, by the path that people know", (t) => {
    // In /proc nobody removes anything, whoever it is.
    if (process.platform !== "linux") return assert.throws(() => removeFolder("/dev"));
    assert.throws(
      () => removeFolder("/proc/self/net"),
      (error: Error) => error.message.startsWith("/proc/self/net"),
    );
    assert.ok(lstatSync("/proc/self/net"));
    assert.ok(t);
  });
});
