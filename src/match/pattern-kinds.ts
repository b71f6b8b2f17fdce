/**
 * Patterns that could never fit what they are for: the names of branches and tags, paths, and repositories each have
 * forms of their own, and a pattern in another form is a mistake that would otherwise look like a quiet hook.
 * https://git-scm.com/docs/git-check-ref-format
 */
import { PatternError, parsePattern } from "./pattern.ts";

interface Rule {
  /** What it finds begins where the mistake is. It does not see the `!` before a pattern. */
  finds: RegExp;
  message: string;
}

const LINE_END: Rule = { finds: /[\r\n]/, message: "a pattern is one line" };

/** A `\` is there to take away a meaning; before anything else it is a path of Windows, or a slip. */
const BACKSLASH: Rule = {
  finds: /(?<=(?<!\\)(?:\\\\)*)\\(?![*?+[\]!\\])/,
  message: "a `\\` stands only before one of `*?+[]!\\`; folders are separated by `/`",
};

const REF_RULES: readonly Rule[] = [
  LINE_END,
  {
    finds: /^refs\/(heads|tags)\//,
    message: "branches and tags are compared without `refs/heads/` or `refs/tags/`",
  },
  { finds: /^\//, message: "the name of a branch or tag does not begin with `/`" },
  { finds: /\/$/, message: "the name of a branch or tag does not end with `/`" },
  { finds: /\.$/, message: "the name of a branch or tag does not end with `.`" },
  { finds: /[ ~^:]/, message: "the name of a branch or tag has no blank, `~`, `^` or `:`" },
  { finds: /\.\.|\/\//, message: "the name of a branch or tag has no `..` or `//`" },
  BACKSLASH,
];

const PATH_RULES: readonly Rule[] = [
  LINE_END,
  { finds: /^\//, message: "paths begin at the root of the repository, without `/`" },
  { finds: /^\.\.?(\/|$)/, message: "paths begin at the root of the repository, without `./` or `../`" },
  { finds: /^ | $/, message: "there is a blank at the end of this path" },
  { finds: /\/$/, message: "files are compared, not folders: write `/**` at the end" },
  BACKSLASH,
];

const REPOSITORY_RULES: readonly Rule[] = [
  LINE_END,
  {
    finds: /[^\w.\-/*?+[\]!\\]/,
    message: "the name of a repository is of letters, digits, `.`, `-` and `_`",
  },
  { finds: /^(?!.*(\/|\*\*))/, message: "a repository is named `owner/name`" },
  BACKSLASH,
];

/** @throws {PatternError} when no branch or tag could fit it. */
export function checkRefPattern(text: string): void {
  check(text, REF_RULES);
}

/** @throws {PatternError} when no path in a repository could fit it. */
export function checkPathPattern(text: string): void {
  check(text, PATH_RULES);
}

/** @throws {PatternError} when no repository, as `owner/name`, could fit it. */
export function checkRepositoryPattern(text: string): void {
  check(text, REPOSITORY_RULES);
}

function check(text: string, rules: readonly Rule[]): void {
  parsePattern(text);
  const start = text.startsWith("!") ? 1 : 0;
  const pattern = text.slice(start);
  for (const { finds, message } of rules) {
    const found = finds.exec(pattern);
    if (found) throw new PatternError(message, start + found.index);
  }
}
