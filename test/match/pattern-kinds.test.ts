import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PatternError } from "../../src/match/pattern.ts";
import { checkPathPattern, checkRefPattern, checkRepositoryPattern } from "../../src/match/pattern-kinds.ts";

type Mistake = [pattern: string, column: number, message: string];

const LINE = "a pattern is one line";
const BACKSLASH = "a `\\` stands only before one of `*?+[]!\\`; folders are separated by `/`";
const REF = "the name of a branch or tag";
const ROOT = "paths begin at the root of the repository, without";

function testKind(
  check: (pattern: string) => void,
  good: readonly string[],
  mistakes: readonly Mistake[],
): void {
  for (const pattern of good) it(`may be ${JSON.stringify(pattern)}`, () => check(pattern));
  for (const [pattern, column, message] of mistakes) {
    it(`cannot be ${JSON.stringify(pattern)}`, () => {
      assert.throws(
        () => check(pattern),
        (error) => {
          assert.ok(error instanceof PatternError);
          assert.deepEqual([error.column, error.message], [column, message]);
          return true;
        },
      );
    });
  }
}

describe("a pattern of branches or tags", () => {
  const good = [
    "main",
    "feature/*",
    "releases/**-alpha",
    "**",
    "!wip",
    "v[12].[0-9]+.[0-9]+",
    "*.x",
    String.raw`\!x`,
    String.raw`v1\+2`,
    String.raw`a\\b`,
    "my/refs/heads/x",
    "@me",
    "grün",
  ];
  testKind(checkRefPattern, good, [
    ["", 0, "a pattern cannot be empty"],
    ["!", 0, "a `!` needs a pattern behind it"],
    ["a**?", 3, "a `?` needs a character before it"],
    ["refs/heads/main", 0, "branches and tags are compared without `refs/heads/` or `refs/tags/`"],
    ["!refs/tags/v1", 1, "branches and tags are compared without `refs/heads/` or `refs/tags/`"],
    ["/main", 0, `${REF} does not begin with \`/\``],
    ["!/main", 1, `${REF} does not begin with \`/\``],
    ["feature/", 7, `${REF} does not end with \`/\``],
    ["v1.", 2, `${REF} does not end with \`.\``],
    ["my branch", 2, `${REF} has no blank, \`~\`, \`^\` or \`:\``],
    [" main", 0, `${REF} has no blank, \`~\`, \`^\` or \`:\``],
    ["main~1", 4, `${REF} has no blank, \`~\`, \`^\` or \`:\``],
    ["[^a]b", 1, `${REF} has no blank, \`~\`, \`^\` or \`:\``],
    ["acme:main", 4, `${REF} has no blank, \`~\`, \`^\` or \`:\``],
    ["a..b", 1, `${REF} has no \`..\` or \`//\``],
    ["a//b", 1, `${REF} has no \`..\` or \`//\``],
    ["a\nb", 1, LINE],
    [String.raw`feature\x`, 7, BACKSLASH],
    [String.raw`a\\\b`, 3, BACKSLASH],
  ]);
});

describe("a pattern of paths", () => {
  const good = [
    "**",
    "docs/**",
    "**.js",
    "!site/drafts/**",
    ".github/**",
    "..hidden",
    "my file.txt",
    "a:b",
    "Makefile",
    "**/*src/**",
  ];
  testKind(checkPathPattern, good, [
    ["/docs/**", 0, `${ROOT} \`/\``],
    ["./docs", 0, `${ROOT} \`./\` or \`../\``],
    ["!./docs", 1, `${ROOT} \`./\` or \`../\``],
    ["../x", 0, `${ROOT} \`./\` or \`../\``],
    [".", 0, `${ROOT} \`./\` or \`../\``],
    ["docs/", 4, "files are compared, not folders: write `/**` at the end"],
    [" docs/**", 0, "there is a blank at the end of this path"],
    ["docs/** ", 7, "there is a blank at the end of this path"],
    [String.raw`src\app`, 3, BACKSLASH],
    ["docs/**\n", 7, LINE],
    ["[a", 0, "this `[` has no `]`"],
    ["+x", 0, "a `+` needs a character before it"],
  ]);
});

describe("a pattern of repositories", () => {
  const good = ["acme/site", "acme/*", "*/site", "**", "!acme/old", "acme/site-[0-9]+", "a.b/c_d", "**site"];
  testKind(checkRepositoryPattern, good, [
    ["site", 0, "a repository is named `owner/name`"],
    ["*", 0, "a repository is named `owner/name`"],
    ["!site", 1, "a repository is named `owner/name`"],
    ["acme/my site", 7, "the name of a repository is of letters, digits, `.`, `-` and `_`"],
    ["https://github.com/acme/site", 5, "the name of a repository is of letters, digits, `.`, `-` and `_`"],
    ["acme/{a,b}", 5, "the name of a repository is of letters, digits, `.`, `-` and `_`"],
    [String.raw`acme\site`, 0, "a repository is named `owner/name`"],
    [String.raw`acme/si\te`, 7, BACKSLASH],
  ]);
});
