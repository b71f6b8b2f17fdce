import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { readSummary } from "../../src/run/summary.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MIB = 1024 ** 2;

function pathIn(t: TestContext): string {
  return join(temporaryFolder(t), "summary.md");
}

/** Reads what was written there. */
function summaryOf(t: TestContext, bytes: string | Uint8Array) {
  const path = pathIn(t);
  writeFileSync(path, bytes);
  return readSummary(path);
}

function problemWith(path: string, owner?: number): string {
  const found = readSummary(path, owner);
  assert.ok(found && "problem" in found, JSON.stringify(found));
  return found.problem;
}

/** In a process of its own, because one that waits for a pipe can only be killed. */
function readInProcess(path: string): unknown {
  const module = new URL("../../src/run/summary.ts", import.meta.url).href;
  const script = `import { readSummary } from "${module}"; console.log(JSON.stringify(readSummary(process.argv[1])));`;
  const args = ["--input-type=module", "--eval", script, path];
  return JSON.parse(execFileSync(process.execPath, args, { timeout: 20_000, encoding: "utf8" }));
}

describe("a summary", () => {
  it("is what the file says", (t) => {
    assert.deepEqual(summaryOf(t, "# Done\n\nÄ\n"), { markdown: "# Done\n\nÄ\n", isCut: false });
  });

  it("is none when the file is empty or gone", (t) => {
    assert.equal(summaryOf(t, ""), undefined);
    assert.equal(readSummary(pathIn(t)), undefined);
  });

  it("has a sign in the place of what is no UTF-8, and of NUL", (t) => {
    const bytes = Buffer.from("\xef\xbb\xbfa \xff \xc3\xa9 \0", "latin1");
    assert.deepEqual(summaryOf(t, bytes), { markdown: "a \uFFFD é \uFFFD", isCut: false });
  });

  it("is read to 1 MiB, and cut where no character is", (t) => {
    assert.deepEqual(summaryOf(t, "x".repeat(MIB)), { markdown: "x".repeat(MIB), isCut: false });
    assert.deepEqual(summaryOf(t, `${"x".repeat(MIB - 1)}é`), { markdown: "x".repeat(MIB - 1), isCut: true });
  });

  it("is not read whole when it is larger than any memory", (t) => {
    const path = pathIn(t);
    writeFileSync(path, "begin");
    truncateSync(path, 2 ** 42);
    const found = readSummary(path);
    assert.ok(found && "markdown" in found && found.isCut);
    assert.equal(Buffer.byteLength(found.markdown.replaceAll("\uFFFD", "0")), MIB);
  });

  it("is read from a file that has taken the place of the first", (t) => {
    const path = pathIn(t);
    writeFileSync(path, "");
    writeFileSync(`${path}.new`, "new");
    renameSync(`${path}.new`, path);
    assert.deepEqual(readSummary(path), { markdown: "new", isCut: false });
  });

  it("is not read through a link", (t) => {
    const path = pathIn(t);
    symlinkSync("/etc/passwd", path);
    assert.equal(problemWith(path), "it is a link");
  });

  it("is not read from a file with another name", (t) => {
    const path = pathIn(t);
    writeFileSync(`${path}.other`, "somebody's");
    linkSync(`${path}.other`, path);
    assert.match(problemWith(path), /^it has another name/);
  });

  it("is not read from another account's file", (t) => {
    const path = pathIn(t);
    writeFileSync(path, "text");
    assert.equal(problemWith(path, (process.getuid?.() ?? 0) + 1), "it belongs to another account");
  });

  it("is not read from a folder, a socket or a pipe, and none holds anybody up", async (t) => {
    const folder = pathIn(t);
    mkdirSync(folder);
    assert.equal(problemWith(folder), "it is no regular file");

    const pipe = pathIn(t);
    execFileSync("mkfifo", [pipe]);
    assert.deepEqual(readInProcess(pipe), { problem: "it is no regular file" });

    const socket = pathIn(t);
    const server = createServer().listen(socket);
    t.after(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    assert.match(problemWith(socket), /ENXIO/);
  });
});
