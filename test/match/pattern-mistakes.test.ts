import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { matchPattern, PatternError, parsePattern } from "../../src/match/pattern.ts";

describe("parsePattern", () => {
  const table: [pattern: string, column: number, message: string][] = [
    ["", 0, "a pattern cannot be empty"],
    ["!", 0, "a `!` needs a pattern behind it"],
    ["?x", 0, "a `?` needs a character before it"],
    ["+x", 0, "a `+` needs a character before it"],
    ["!+x", 1, "a `+` needs a character before it"],
    ["a*?", 2, "a `?` needs a character before it"],
    ["a**+", 3, "a `+` needs a character before it"],
    ["a??", 2, "a `?` needs a character before it"],
    ["a?+", 2, "a `+` needs a character before it"],
    ["a+?", 2, "a `?` needs a character before it"],
    ["ab[cd", 2, "this `[` has no `]`"],
    ["[", 0, "this `[` has no `]`"],
    ["a[]b", 1, "`[]` needs at least one character"],
    ["[a-]", 1, "a range goes from a to z, A to Z or 0 to 9, upwards"],
    ["x[z-a]", 2, "a range goes from a to z, A to Z or 0 to 9, upwards"],
    ["[0-9a-Z]", 4, "a range goes from a to z, A to Z or 0 to 9, upwards"],
    ["[A-z]", 1, "a range goes from a to z, A to Z or 0 to 9, upwards"],
    ["[🚀-🛸]", 1, "a range goes from a to z, A to Z or 0 to 9, upwards"],
    ["main\\", 4, "a `\\` needs a character behind it"],
  ];
  for (const [pattern, column, message] of table) {
    it(`refuses \`${pattern}\` and points at what is wrong`, () => {
      assert.throws(
        () => parsePattern(pattern),
        (error) => {
          assert.ok(error instanceof PatternError);
          assert.deepEqual({ column: error.column, message: error.message }, { column, message });
          return true;
        },
      );
    });
  }

  it("reads every text or says within it what is wrong, and never fails otherwise", () => {
    const text = fc
      .array(
        fc.oneof(
          fc.string(),
          fc.constantFrom("*", "**", "**/", "?", "+", "[", "]", "-", "!", "\\", "a", "/"),
        ),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.string(), (pattern, name) => {
        try {
          assert.equal(typeof matchPattern(parsePattern(pattern), name), "boolean");
        } catch (error) {
          assert.ok(error instanceof PatternError, String(error));
          assert.ok(error.column >= 0 && error.column <= pattern.length);
        }
      }),
    );
  });
});
