import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseColours } from "../../dashboard/src/log/ansi.ts";
import { findLines } from "../../dashboard/src/log/find-lines.ts";
import { LogLines } from "../../dashboard/src/log/log-lines.ts";

const AT = "2026-11-24T08:00:00.000Z";

/** The lines of pieces, each as its kind, its group and its text. */
function linesOf(...pieces: (string | [stream: "stdout" | "stderr" | "longshore", text: string])[]) {
  const log = new LogLines();
  pieces.forEach((piece, seq) => {
    const [stream, text] = typeof piece === "string" ? (["stdout", piece] as const) : piece;
    log.add({ attempt: 1, seq, stream, at: AT, text });
  });
  return log.lines.map(({ kind, group, text }) => [kind, group, text]);
}

const plain = (text: string, group?: number) => ["text", group, text];

describe("LogLines.add()", () => {
  it("joins what was printed in pieces, each stream for itself", () => {
    assert.deepEqual(linesOf("one, ", ["stderr", "err"], "still one\ntwo", ["stderr", "or\n"]), [
      plain("one, still one"),
      plain("error"),
      plain("two"),
    ]);
  });

  it("keeps empty lines, and begins one after a carriage return, so that nothing is hidden", () => {
    assert.deepEqual(
      linesOf("a\n\nb\r\n50 %\r100 %\n"),
      ["a", "", "b", "50 %", "100 %"].map((text) => plain(text)),
    );
  });

  it("takes a piece that comes twice only once", () => {
    const log = new LogLines();
    for (const seq of [0, 1, 0, 1]) log.add({ attempt: 1, seq, stream: "stdout", at: AT, text: `${seq}\n` });
    assert.deepEqual(
      log.lines.map(({ text }) => text),
      ["0", "1"],
    );
  });

  it("knows groups, and what stands in them", () => {
    assert.deepEqual(linesOf("before\n::group::Build 100%25\ninside\n::endgroup::\nafter\n"), [
      plain("before"),
      ["group", undefined, "Build 100%"],
      plain("inside", 2),
      plain("after"),
    ]);
  });

  it("reads errors, warnings and notices with their places", () => {
    assert.deepEqual(linesOf("::error file=a.js,line=3::no%0Away\n::notice::well\n"), [
      ["error", undefined, "a.js:3: no\nway"],
      ["notice", undefined, "well"],
    ]);
  });

  it("leaves commands alone between stop-commands and its word, and what Longshore itself says", () => {
    const lines = linesOf("::stop-commands::Word\n::error::shown\n::word::\n::error::read\n", [
      "longshore",
      "::error::said\n",
    ]);
    assert.deepEqual(
      lines.map(([kind]) => kind),
      ["text", "text", "text", "error", "text"],
    );
  });

  it("shows what would move the cursor or turn the text around as symbols", () => {
    assert.deepEqual(linesOf("\u001B[2Ja\u202Eb\u001B[31mred\n"), [plain("␛[2Ja<U+202E>b\u001B[31mred")]);
  });
});

describe("findLines()", () => {
  it("finds a text whatever its colours and the case of its letters", () => {
    const log = new LogLines();
    log.add({
      attempt: 1,
      seq: 0,
      stream: "stdout",
      at: AT,
      text: "one\nFA\u001B[31mIL\u001B[0med\nthree\n",
    });
    assert.deepEqual(findLines(log.lines, "failed"), [2]);
    assert.deepEqual(findLines(log.lines, ""), []);
  });
});

describe("parseColours()", () => {
  const parse = (line: string) => parseColours(line, {}).parts.map(({ text, look }) => [text, look]);

  it("takes a line apart where its look changes", () => {
    assert.deepEqual(parse("a\u001B[1;31mb\u001B[0mc"), [
      ["a", {}],
      ["b", { isBold: true, foreground: 1 }],
      ["c", {}],
    ]);
  });

  it("knows bright colours, the palette of 256, and any colour; what it does not know changes nothing", () => {
    assert.deepEqual(parse("\u001B[92ma\u001B[38;5;208mb\u001B[48;2;1;2;3mc\u001B[73md"), [
      ["a", { foreground: 10 }],
      ["b", { foreground: "rgb(255 135 0)" }],
      ["c", { foreground: "rgb(255 135 0)", background: "rgb(1 2 3)" }],
      ["d", { foreground: "rgb(255 135 0)", background: "rgb(1 2 3)" }],
    ]);
  });

  it("tells the look that goes on in the next line", () => {
    assert.deepEqual(parseColours("\u001B[4mon", {}).look, { isUnderlined: true });
  });
});
