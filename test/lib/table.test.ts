import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatTable } from "../../src/lib/table.ts";

describe("formatTable", () => {
  it("lines the columns up, two spaces apart, without spaces at the end of a line", () => {
    const rows = [
      ["ID", "HOOK", "STATUS"],
      ["7", "deploy", "failed"],
      ["12345", "ci", ""],
    ];
    assert.equal(
      formatTable(rows),
      ["ID     HOOK    STATUS", "7      deploy  failed", "12345  ci"].join("\n"),
    );
  });

  it("is the heading alone when there are no rows", () => {
    assert.equal(formatTable([["ID", "HOOK"]]), "ID  HOOK");
  });

  it("is empty for nothing", () => assert.equal(formatTable([]), ""));
});
