import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { visibleLine, visibleText } from "../../src/lib/visible.ts";

const ESCAPE = "\u001B";

/** What a terminal obeys, or what turns the direction of text: none may come through as it is. */
const DANGEROUS = /[\0-\x08\x0B-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/;
const COLOURS = /\x1B\[[0-9;]*m/g;

const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(ESCAPE, "[", "31", ";", "m", "\r", "\n", "\r\n", "\u202E", "\u009B", "\0"),
    ),
  )
  .map((parts) => parts.join(""));

describe("visibleText", () => {
  const cases: [what: string, text: string, shown: string][] = [
    ["ordinary text of any language", "déjà vu ♥ 日本 👩‍🚀", "déjà vu ♥ 日本 👩‍🚀"],
    ["tabs and line ends", "a\tb\nc", "a\tb\nc"],
    ["colours", `${ESCAPE}[1;31mred${ESCAPE}[0m ${ESCAPE}[m`, `${ESCAPE}[1;31mred${ESCAPE}[0m ${ESCAPE}[m`],
  ];
  for (const [what, text, shown] of cases) {
    it(`leaves ${what} alone`, () => assert.equal(visibleText(text), shown));
  }

  const changed: [what: string, text: string, shown: string][] = [
    ["the line ends of Windows", "a\r\nb", "a\nb"],
    ["a return that would overwrite the line", "good\rbad", "good␍bad"],
    ["a moved cursor", `${ESCAPE}[2A`, "␛[2A"],
    ["a cleared screen", `${ESCAPE}[2J`, "␛[2J"],
    ["a changed window title", `${ESCAPE}]0;owned\u0007`, "␛]0;owned␇"],
    [
      "a link with another target",
      `${ESCAPE}]8;;https://evil.example${ESCAPE}\\`,
      "␛]8;;https://evil.example␛\\",
    ],
    ["NUL, backspace and delete", "\0\b\u007F", "␀␈␡"],
    ["the one-byte form of an escape sequence", "\u009B2J", "<U+009B>2J"],
    ["text turned around", "\u202Egpj.exe", "<U+202E>gpj.exe"],
    ["isolates and marks of direction", "\u2066\u2069\u200F\u061C", "<U+2066><U+2069><U+200F><U+061C>"],
    ["the line ends that only Unicode has", "a\u2028b\u2029c", "a<U+2028>b<U+2029>c"],
    ["an escape before a colour", `${ESCAPE}${ESCAPE}[31m`, `␛${ESCAPE}[31m`],
  ];
  for (const [what, text, shown] of changed) {
    it(`makes ${what} visible`, () => assert.equal(visibleText(text), shown));
  }

  it("lets no dangerous character through, whatever the text", () => {
    fc.assert(
      fc.property(hostileText, (text) =>
        assert.doesNotMatch(visibleText(text).replace(COLOURS, ""), DANGEROUS),
      ),
    );
  });
});

describe("visibleLine", () => {
  it("keeps everything on one line", () => assert.equal(visibleLine("a\nb\tc\r\n"), "a␊b␉c␍␊"));

  it("takes colours for what they are: control characters", () => {
    assert.equal(visibleLine(`${ESCAPE}[31mred`), "␛[31mred");
  });

  it("lets no control character through, whatever the text", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        assert.doesNotMatch(visibleLine(text), DANGEROUS);
        assert.doesNotMatch(visibleLine(text), /[\t\n]/);
      }),
    );
  });
});
