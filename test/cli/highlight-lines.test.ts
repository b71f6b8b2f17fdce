import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { highlightLines } from "../../src/cli/highlight-lines.ts";
import type { Annotation } from "../../src/store/highlights.ts";

const annotation = (changes: Partial<Annotation>): Annotation => ({
  level: "error",
  message: "It broke",
  title: null,
  file: null,
  line: null,
  endLine: null,
  column: null,
  endColumn: null,
  ...changes,
});

describe("what an attempt points out, in a terminal", () => {
  it("is each annotation with its place and title, and the summary", () => {
    const annotations = [
      annotation({ title: "Build", file: "src/a.js", line: 3, column: 5, endLine: 3, endColumn: 9 }),
      annotation({ level: "warning", message: "first\r\nsecond\nthird", file: "b.js" }),
      annotation({ level: "notice", title: "Only a title", message: "" }),
    ];
    assert.deepEqual(highlightLines({ annotations, summary: "# Done\n\n- it is\n" }), [
      ...["", "annotations", "  error    src/a.js:3:5 Build: It broke", "  warning  b.js first"],
      ...["           second", "           third", "  notice   Only a title:"],
      ...["", "summary", "", "# Done\n\n- it is"],
    ]);
  });

  it("shows control characters as symbols (story 42)", () => {
    const annotations = [
      annotation({ message: "\u001B[31mred\u0007", title: "a\u202E\nb", file: "c\u001B[2J.js\n::error::x" }),
    ];
    assert.deepEqual(highlightLines({ annotations, summary: "a\u0007\r\n|\tb\u202E|" }), [
      ...["", "annotations", "  error    c␛[2J.js␊::error::x a<U+202E>␊b: ␛[31mred␇"],
      ...["", "summary", "", "a␇\n|\tb<U+202E>|"],
    ]);
  });

  it("is nothing when there is nothing", () => {
    assert.deepEqual(highlightLines({ annotations: [], summary: null }), []);
  });
});
