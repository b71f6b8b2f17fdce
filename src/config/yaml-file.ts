/** A YAML text checked against a schema: every mistake at once, each with its line and column. */
import {
  type Document,
  isNode,
  isScalar,
  LineCounter,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLError,
  YAMLMap,
} from "yaml";
import { z } from "zod";
import { didYouMean } from "../lib/suggest.ts";
import { hasErrors, type Problem, problem } from "./problem.ts";
import { offsetInScalar } from "./scalar-offset.ts";

export interface Checked<T> {
  /** Absent when there are errors. */
  value?: T;
  problems: Problem[];
}

type Path = readonly PropertyKey[];

/** Something to be said of a value beside that it has the form of its schema. */
export interface Remark {
  path: Path;
  /** Whether the key itself is meant, not its value. */
  atKey?: boolean;
  /** Of the character of the text that is meant, from 0; absent: the whole value. */
  within?: number;
  severity: Problem["severity"];
  message: string;
}

/**
 * An object in which an unknown key is a mistake with a suggestion.
 *
 * @param others keys that people are likely to try, each with the sentence that answers them.
 */
export function keys<Shape extends z.ZodRawShape>(shape: Shape, others: Record<string, string> = {}) {
  const explain = (key: string) =>
    (Object.hasOwn(others, key) ? others[key] : undefined) ??
    `unknown key \`${key}\`.${didYouMean(key, [...Object.keys(shape), ...Object.keys(others)])}`;
  return z.strictObject(shape, {
    // One line a key, in the order of the keys: `locate` takes them apart again.
    error: (issue) => (issue.code === "unrecognized_keys" ? issue.keys.map(explain).join("\n") : undefined),
  });
}

/**
 * What the reference and editors say of a key.
 *
 * @param description Markdown, one line.
 * @param whenAbsent what its default is, where no single value says it.
 */
export const about = (description: string, whenAbsent?: string) => ({ description, whenAbsent });

/**
 * Parses and checks.
 *
 * @param file the path that the problems name.
 * @param remark is asked for more about the whole value, of whatever form it is; only here can there be warnings.
 */
export function checkYaml<T>(
  schema: z.ZodType<T>,
  text: string,
  file: string,
  remark: (value: unknown) => readonly Remark[] = () => [],
): Checked<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const at = (offset: number, message: string, severity: Problem["severity"] = "error"): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), severity, message };
  };
  // A tag that means nothing to us is only a warning to the parser, but the value would not be what was written.
  const mistakes = [...document.errors, ...document.warnings];
  const problems = mistakes.map((mistake) => at(mistake.pos[0], inOtherWords(mistake)));
  if (problems.length === 0) {
    problems.push(...unknownAliases(document).map((offset) => at(offset, NEEDS_QUOTES("*"))));
  }
  if (problems.length > 0) return { problems };

  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    return { problems: [at(0, (error as Error).message)] };
  }
  const result = schema.safeParse(value ?? {}, { reportInput: true });
  for (const found of withRemarks(result.error?.issues ?? [], remark(value))) {
    const { path, atKey = false, within } = found;
    const inText = within === undefined ? undefined : offsetInScalar(text, document, path, within);
    problems.push(at(inText ?? offsetOf(document.contents, path, atKey), found.message, found.severity));
  }
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return { value: hasErrors(problems) ? undefined : result.data, problems };
}

/** Below a key that is refused as such, and of a text that has a mistake in it, nothing more is said. */
function withRemarks(issues: readonly z.core.$ZodIssue[], remarks: readonly Remark[]): Remark[] {
  const located = issues.flatMap((issue) => locate(issue));
  const all = [...located.map((found): Remark => ({ ...found, severity: "error" })), ...remarks];
  const refused = remarks.filter(
    ({ atKey, within, severity }) => severity === "error" && (atKey || within !== undefined),
  );
  const isSilenced = (found: Remark, by: Remark) =>
    by.path.every((key, index) => key === found.path[index]) &&
    (by.atKey ? found !== by : !found.atKey && found.within === undefined);
  return all.filter((found) => !refused.some((by) => isSilenced(found, by)));
}

/** The same for what was not written in YAML: a mistake has no line, so it says which key is meant. */
export function checkValue<T>(
  schema: z.ZodType<T>,
  value: unknown,
  file: string,
  remark: (value: unknown) => readonly Remark[],
): Checked<T> {
  const result = schema.safeParse(value, { reportInput: true });
  const found = withRemarks(result.error?.issues ?? [], remark(value));
  const problems = found.map(({ path, message, severity }) => problem(file, naming(path, message), severity));
  return { value: hasErrors(problems) ? undefined : result.data, problems };
}

function naming(path: Path, message: string): string {
  const isNamed = message.includes(`\`${String(path.at(-1))}\``);
  const place = (isNamed ? path.slice(0, -1) : path).join(".");
  return place === "" ? message : `\`${place}\`: ${message}`;
}

const NEEDS_QUOTES = (character: string) => `a text that begins with \`${character}\` needs quotes in YAML`;

/** Where the parser speaks to programmers. */
function inOtherWords({ code, message }: YAMLError): string {
  switch (code) {
    case "BAD_ALIAS":
      return NEEDS_QUOTES("*");
    case "TAG_RESOLVE_FAILED":
      return NEEDS_QUOTES("!");
    case "MULTIPLE_DOCS":
      return "only one document is read: remove this `---` and what follows it";
    case "NON_STRING_KEY":
      return "a key must be a text";
    default:
      return `not valid YAML: ${message}`;
  }
}

/** Where aliases stand that have no anchor, such as the unquoted pattern `*feature`. */
function unknownAliases(document: Document): number[] {
  const offsets: number[] = [];
  visit(document, {
    Alias(_, alias) {
      if (!alias.resolve(document)) offsets.push(alias.range?.[0] ?? 0);
    },
  });
  return offsets;
}

/** The sentences of a failed check, for values that have no line, such as environment variables. */
export function sentences(error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => locate(issue)).map(({ message }) => message);
}

interface Located {
  path: Path;
  /** Whether the key itself is meant, not its value. */
  atKey: boolean;
  message: string;
}

function locate(issue: z.core.$ZodIssue, above: Path = []): Located[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const messages = issue.message.split("\n");
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      atKey: true,
      message: messages[index] ?? "",
    }));
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map(({ message }) => ({ path, atKey: true, message }));
  }
  if (issue.code === "invalid_union" && issue.input !== undefined) {
    // The form that the person tried is the one that did not fail at its very root.
    const tried = issue.errors.find((branch) =>
      branch.every(({ path: [...deep], code }) => deep.length > 0 || code !== "invalid_type"),
    );
    if (tried) return tried.flatMap((inner) => locate(inner, path));
    const expected = issue.errors.flatMap((branch) =>
      branch.map((inner) => ("expected" in inner ? kind(inner.expected) : "")),
    );
    return [
      { path, atKey: false, message: `expected ${[...new Set(expected)].filter(Boolean).join(" or ")}` },
    ];
  }
  return [{ path, atKey: false, message: sentence(issue, path) }];
}

function sentence(issue: z.core.$ZodIssue, path: Path): string {
  if (issue.input === undefined && path.length > 0) return `\`${String(path.at(-1))}\` is missing`;
  // A sentence of our own stays; the library's speak to programmers.
  if (!/^(Invalid|Too) /.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `expected ${kind(issue.expected)}`;
    case "invalid_value":
      return `expected one of ${issue.values.join(", ")}`;
    case "too_small":
      return issue.origin === "string" ? "cannot be empty" : `expected at least ${issue.minimum}`;
    case "too_big":
      return `expected at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function kind(type: string): string {
  const names: Record<string, string> = {
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a map",
    record: "a map",
    null: "nothing",
  };
  return names[type] ?? type;
}

/** Where in the text the value (or key) at `path` begins; the nearest thing above it when it is not there. */
function offsetOf(node: ParsedNode | null, path: Path, atKey: boolean): number {
  const [key, ...rest] = path;
  const start = node?.range?.[0] ?? 0;
  if (!isNode(node) || key === undefined) return start;
  if (node instanceof YAMLMap) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    if (!pair) return start;
    if (rest.length === 0 && (atKey || pair.value === null)) return pair.key.range[0];
    return offsetOf(pair.value as ParsedNode | null, rest, atKey);
  }
  const item = "items" in node ? node.items[Number(key)] : undefined;
  return isNode(item) ? offsetOf(item as ParsedNode, rest, atKey) : start;
}
