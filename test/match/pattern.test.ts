import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { includes, matchPattern, parsePattern } from "../../src/match/pattern.ts";

const matches = (pattern: string, name: string) => matchPattern(parsePattern(pattern), name);

describe("matchPattern", () => {
  // First the examples that GitHub gives in its cheat sheet, then what they leave open.
  const table: [pattern: string, fitting: string[], others: string[]][] = [
    ["feature/*", ["feature/a", "feature/"], ["feature/a/b", "feature", "feature-a", "x/feature/a"]],
    ["feature/**", ["feature/a", "feature/beta/b", "feature/a/b/c", "feature/"], ["feature", "features/a"]],
    ["main", ["main"], ["Main", "main2", "amain", "", "main/"]],
    ["releases/mona-the-octocat", ["releases/mona-the-octocat"], ["mona-the-octocat"]],
    ["*", ["main", "releases", ".hidden", ""], ["all/the/branches"]],
    ["**", ["all/the/branches", "every/tag", "", "/"], []],
    ["*feature", ["mona-feature", "feature", "ver-10-feature"], ["feature-mona", "a/feature"]],
    ["v2*", ["v2", "v2.0", "v2.9"], ["v1.2", "v2/x"]],
    ["v[12].[0-9]+.[0-9]+", ["v1.10.1", "v2.0.0"], ["v3.0.0", "v1..1", "v1.1", "v1.10.1-rc", "v1x10x1"]],
    ["*.jsx?", ["page.js", "page.jsx"], ["page.jsxx", "page.j", "a/page.js"]],
    ["*.js", ["app.js", "index.js"], ["js/index.js", "app.jsx", "appXjs"]],
    ["**.js", ["index.js", "js/index.js", "src/js/app.js"], ["index.ts"]],
    ["docs/*", ["docs/README.md", "docs/file.txt"], ["docs/a/b.md"]],
    ["docs/**", ["docs/README.md", "docs/mona/octocat.txt"], ["docs", "old/docs/x"]],
    ["docs/**/*.md", ["docs/README.md", "docs/mona/hello.md", "docs/a/markdown/file.md"], ["docs/a.txt"]],
    ["**/docs/**", ["docs/hello.md", "dir/docs/my-file.txt", "space/docs/plan/space.doc"], ["mydocs/a"]],
    ["**/README.md", ["README.md", "js/README.md", "a/b/README.md"], ["XREADME.md", "js/XREADME.md"]],
    ["**/*src/**", ["a/src/app.js", "my-src/code/js/app.js"], ["srcs/app.js"]],
    ["**/*-post.md", ["my-post.md", "path/their-post.md"], ["my-post.md.txt"]],
    [
      "**/migrate-*.sql",
      ["migrate-10909.sql", "db/migrate-v1.0.sql", "db/sept/migrate-v1.sql"],
      ["migrate.sql"],
    ],
    ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "a//xb"]],
    ["a**/b", ["a/b", "ax/b", "a/x/b"], ["b", "axb"]],
    ["**/**/x", ["x", "a/x", "a/b/c/x"], ["ax"]],
    ["ab?c", ["abc", "ac"], ["abbc", "ab"]],
    ["ab+c", ["abc", "abbbc"], ["ac"]],
    ["[abc]+", ["a", "cab"], ["", "abd"]],
    ["[a-c][A-C][0-2]", ["aA0", "cC2"], ["dA0", "aD0", "aA3", "AA0"]],
    ["x[.*?+]?", ["x", "x.", "x*", "x?", "x+"], ["xa", "x.."]],
    ["[-a]", ["-", "a"], ["b"]],
    ["[!a]", ["!", "a"], ["b"]],
    ["[a/]x", ["ax", "/x"], ["bx"]],
    [String.raw`\*\?\+\[\]\!\\`, ["*?+[]!\\"], ["aaaaaaa"]],
    [String.raw`\!x`, ["!x"], ["x", "\\!x"]],
    [String.raw`a\b`, ["ab"], ["a\\b"]],
    [String.raw`\*+`, ["*", "***"], ["", "a"]],
    ["a!b", ["a!b"], ["ab"]],
    ["]", ["]"], ["["]],
    ["a.b", ["a.b"], ["axb"]],
    ["(a|b){1}^$", ["(a|b){1}^$"], ["a"]],
    ["grün-♥", ["grün-♥"], ["grun-♥"]],
    ["🚀?x[🚀é]+", ["x🚀", "🚀xéé🚀"], ["x", "🚀🚀xé"]],
  ];
  for (const [pattern, fitting, others] of table) {
    it(`takes \`${pattern}\` as GitHub Actions does`, () => {
      for (const name of fitting) assert.ok(matches(pattern, name), `\`${name}\` fits`);
      for (const name of others) assert.ok(!matches(pattern, name), `\`${name}\` does not fit`);
    });
  }

  it("treats a line end in a name like any other character", () => {
    assert.ok(matches("a*b", "a\nb"));
    assert.ok(!matches("a", "a\n"));
  });

  it("does not consider a `!`: that is the list's business", () => {
    assert.ok(matches("!main", "main"));
    assert.ok(!matches("!main", "!main"));
  });

  const long = 20_000;
  const hostile: [pattern: string, name: string][] = [
    ["*a*a*a*a*a*a*a*a*b", "a".repeat(long)],
    ["**a**a**a**a**a**a**b", "a/".repeat(long)],
    ["**/**/**/**/**/x", "a/".repeat(long)],
    ["a?a?a?a?a?a?a?a?a?a?a?a?a+a+a+a+a+a+b", "a".repeat(long)],
    ["[ab]+*[ab]+*[ab]+*c", "ab".repeat(long)],
  ];
  for (const [pattern, name] of hostile) {
    it(`ends soon for \`${pattern}\` and a name made to slow it down`, { timeout: 20_000 }, () => {
      assert.ok(!matches(pattern, name));
    });
  }
});

describe("includes", () => {
  const lists: [patterns: string[], included: string[], others: string[]][] = [
    [["main", "release/**"], ["main", "release/1/2"], ["dev"]],
    [["*.md", "!README.md"], ["hello.md"], ["README.md", "docs/hello.md"]],
    [["*.md", "!README.md", "README*"], ["hello.md", "README.md", "README.doc"], ["a.txt"]],
    [["!main", "*"], ["main", "dev"], ["a/b"]],
    [
      ["*", "!a*", "ab*", "!abc"],
      ["b", "ab", "abd"],
      ["a", "ac", "abc"],
    ],
    [["!main"], [], ["main", "dev"]],
    [[], [], ["main"]],
  ];
  for (const [patterns, included, others] of lists) {
    it(`lets the last pattern of [${patterns.join(", ")}] that fits decide`, () => {
      const parsed = patterns.map(parsePattern);
      for (const name of included) assert.ok(includes(parsed, name), `\`${name}\` is included`);
      for (const name of others) assert.ok(!includes(parsed, name), `\`${name}\` is not included`);
    });
  }
});
