import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { matchPattern, parsePattern } from "../../src/match/pattern.ts";

/** Elements of patterns whose meaning a regular expression can say in one line. */
const element = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "ab", "a/", "/", ".") },
  { weight: 3, arbitrary: fc.constantFrom("*", "**", "**/", "/**/") },
  { weight: 2, arbitrary: fc.constantFrom("a?", "b+", "[ab]", "[a.]+", "[ab]?", ".+", "\\*", "\\*+") },
);
const patternText = fc.array(element, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));
const name = fc
  .array(fc.constantFrom("a", "b", "/", ".", "*", "ab", "a/"), { maxLength: 10 })
  .map((parts) => parts.join(""));

/** The same pattern in the language of regular expressions, which is slow where the name is hostile. */
function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\\(.)|(?<=^|\/)\*\*\/|\*\*|\*|(?<!\[a?)\./g, (token, escaped?: string) => {
    if (escaped !== undefined) return `[${escaped}]`;
    if (token === "**/") return "(?:.+/)?";
    if (token === "**") return ".*";
    return token === "*" ? "[^/]*" : "[.]";
  });
  return new RegExp(`^(?:${source})$`, "s");
}

describe("matchPattern", () => {
  it("agrees with a regular expression that says the same", () => {
    let fitting = 0;
    fc.assert(
      fc.property(patternText, name, (pattern, text) => {
        const fits = toRegExp(pattern).test(text);
        if (fits) fitting++;
        assert.equal(matchPattern(parsePattern(pattern), text), fits, `\`${pattern}\` on \`${text}\``);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(fitting > 500, `only ${fitting} names fitted, so little was compared`);
  });
});
