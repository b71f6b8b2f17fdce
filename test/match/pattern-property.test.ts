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

  it("asks each of its steps at most once for each character of the name, whatever the two are", () => {
    let most = 0;
    fc.assert(
      fc.property(hostilePattern, hostileName, (text, name) => {
        const { count, asked } = countSteps(text, name);
        assert.ok(asked <= count * name.length, `${asked} for \`${text}\` on ${name.length} characters`);
        most = Math.max(most, asked);
      }),
      { numRuns: 2_000 },
    );
    assert.ok(most > 2_000, `at most ${most} steps, so nothing hostile was tried`);
  });

  it("asks twice as often for a name of twice the length", () => {
    for (const text of ["*a*a*a*b", "**/**/**/x", "a?a?a?a+a+b", "[ab]+*[ab]+*c"]) {
      const asked = (length: number) => countSteps(text, "a".repeat(length)).asked;
      const [short, long] = [asked(2_000), asked(4_000)];
      assert.ok(short > 2_000 && long <= 2 * short + 100, `${short}, then ${long} for \`${text}\``);
    }
  });
});

/** Patterns and names on which a matcher that tries one way after another takes exponential or quadratic time. */
const hostilePattern = fc
  .array(fc.constantFrom("*", "**", "**/", "*a", "a?", "a+", "[ab]+", "a", "/"), {
    minLength: 1,
    maxLength: 30,
  })
  .map(
    (parts) =>
      parts
        .join("")
        .replace(/\*{3,}/g, "**")
        .replace(/^[?+]|([*?+])[?+]+/g, "$1") || "*",
  );
const hostileName = fc
  .tuple(fc.constantFrom("a", "ab", "a/", "aa/"), fc.integer({ min: 1, max: 300 }))
  .map(([piece, times]) => piece.repeat(times));

/** How many steps a pattern has, and how often matching asks one whether it takes a character. */
function countSteps(text: string, name: string): { count: number; asked: number } {
  const pattern = parsePattern(text);
  let asked = 0;
  const steps = pattern.steps.map((step) => ({
    ...step,
    takes: (character: string) => {
      asked++;
      return step.takes(character);
    },
  }));
  matchPattern({ ...pattern, steps }, name);
  return { count: steps.length, asked };
}
