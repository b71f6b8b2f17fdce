import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WorkflowCommand } from "../../src/lib/workflow-commands.ts";
import { tidy, toAnnotation } from "../../src/run/annotation.ts";

function annotation(properties: Record<string, string>, data = "message") {
  const command: WorkflowCommand = {
    name: "error",
    properties: new Map(Object.entries(properties)),
    data,
    isTooLong: false,
  };
  return toAnnotation("error", command);
}

describe("an annotation", () => {
  it("is what its command says", () => {
    const properties = { title: "T", file: "a/b.js", line: "3", endline: "3", col: "1", endcolumn: "7" };
    assert.deepEqual(annotation(properties), {
      ...{ level: "error", message: "message", title: "T", file: "a/b.js" },
      ...{ line: 3, endLine: 3, column: 1, endColumn: 7 },
    });
    const none = { title: null, file: null, line: null, endLine: null, column: null, endColumn: null };
    assert.deepEqual(annotation({}), { level: "error", message: "message", ...none });
  });

  it("is none without a word", () => {
    assert.equal(annotation({ file: "a.js", line: "1" }, " \n"), undefined);
    assert.equal(annotation({ title: "T" }, "")?.title, "T");
  });

  for (const [said, place] of [
    [{ line: "x", col: "1" }, [null, null, null, null]],
    [{ line: "0" }, [null, null, null, null]],
    [{ line: "-1" }, [null, null, null, null]],
    [{ line: "1.5" }, [null, null, null, null]],
    [{ line: "2147483647" }, [2147483647, null, null, null]],
    [{ line: "2147483648" }, [null, null, null, null]],
    [{ line: "9".repeat(400) }, [null, null, null, null]],
    [{ endline: "4" }, [4, 4, null, null]],
    [{ line: "4", endcolumn: "2" }, [4, null, 2, 2]],
    [{ col: "2" }, [null, null, null, null]],
    [{ line: "4", endline: "5", col: "2" }, [4, 5, null, null]],
    [{ line: "5", endline: "4" }, [null, null, null, null]],
    [{ line: "4", col: "3", endcolumn: "2" }, [4, null, null, null]],
  ] as const)
    it(`is at ${JSON.stringify(place)} for ${JSON.stringify(said).slice(0, 50)}`, () => {
      const { line, endLine, column, endColumn } = annotation(said) ?? assert.fail();
      assert.deepEqual([line, endLine, column, endColumn], place);
    });

  it("is stored masked first, then cut, and without NUL", () => {
    const long = annotation(
      { title: "t".repeat(300), file: "f".repeat(2_000) },
      `a\0${"x".repeat(4_092)}secret`,
    );
    const { message, title, file } = tidy(long ?? assert.fail(), (text) => text.replace("secret", "***"));
    assert.equal(message, `a\uFFFD${"x".repeat(4_092)}**…`);
    assert.deepEqual([title?.length, file?.length], [256, 1_025]);
  });
});
