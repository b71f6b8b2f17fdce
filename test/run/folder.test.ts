import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { ownAccount } from "../../src/run/account.ts";
import { createRunFolder, removeAbandonedFolders, removeRunFolder } from "../../src/run/folder.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Beyond what Linux and macOS give: no process ever has it. */
const NOBODY = 999_999_999;

/** Makes the system's folder for temporary files one that only this test uses. */
function ownTemporaryFolder(t: TestContext): string {
  const before = process.env.TMPDIR;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  process.env.TMPDIR = temporaryFolder(t);
  return process.env.TMPDIR;
}

describe("a run's folder", () => {
  it("holds the script, the payload, empty files for Actions' commands, and an empty folder to work in", (t) => {
    const parent = ownTemporaryFolder(t);
    const folder = createRunFolder(
      process.pid,
      { text: "echo", ending: ".sh" },
      Buffer.from("{}"),
      ownAccount(),
    );

    assert.equal(folder.path.startsWith(join(parent, `longshore-run-${process.pid}-`)), true);
    assert.equal(folder.script, join(folder.path, "script.sh"));
    assert.deepEqual(
      [readFileSync(folder.script, "utf8"), readFileSync(folder.event, "utf8")],
      ["echo", "{}"],
    );
    for (const file of Object.values(folder.files)) assert.equal(readFileSync(file, "utf8"), "");
    for (const empty of [folder.work, folder.temporary]) assert.deepEqual(readdirSync(empty), []);

    removeRunFolder(folder.path);
    assert.deepEqual(readdirSync(parent), []);
  });

  it("is its account's alone", (t) => {
    ownTemporaryFolder(t);
    const { path } = createRunFolder(process.pid, { text: "", ending: "" }, Buffer.from("{}"), ownAccount());
    assert.equal(statSync(path).mode & 0o777, 0o700);
  });

  it("is another one every time", (t) => {
    ownTemporaryFolder(t);
    const create = () =>
      createRunFolder(process.pid, { text: "", ending: "" }, Buffer.from("{}"), ownAccount()).path;
    assert.notEqual(create(), create());
  });
});

describe("removing abandoned folders", () => {
  it("removes those of processes that are gone, or that had our number before, and nothing else", (t) => {
    const parent = ownTemporaryFolder(t);
    const keep = [
      `longshore-run-${process.ppid}-abc`,
      "longshore-run-",
      "longshore-run-x-1",
      `run-${NOBODY}-a`,
    ];
    const remove = [`longshore-run-${NOBODY}-abc`, `longshore-run-${process.pid}-abc`];
    for (const name of [...keep, ...remove]) mkdirSync(join(parent, name, "work"), { recursive: true });

    removeAbandonedFolders();

    assert.deepEqual(readdirSync(parent).sort(), keep.sort());
    assert.equal(existsSync(join(parent, keep[0] ?? "", "work")), true);
  });
});
