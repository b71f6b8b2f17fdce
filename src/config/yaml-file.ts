/** A YAML text checked against a schema: every mistake at once, each with its line and column. */
import { isNode, isScalar, LineCounter, type ParsedNode, parseDocument, YAMLMap } from "yaml";
import { z } from "zod";
import { didYouMean } from "../lib/suggest.ts";
import type { Problem } from "./problem.ts";

export interface Checked<T> {
  /** Absent when there are errors. */
  value?: T;
  problems: Problem[];
}

type Path = readonly PropertyKey[];

/**
 * An object in which an unknown key is a mistake with a suggestion.
 *
 * @param others keys that people are likely to try, each with the sentence that answers them.
 */
export function keys<Shape extends z.ZodRawShape>(shape: Shape, others: Record<string, string> = {}) {
  const explain = (key: string) =>
    others[key] ??
    `unknown key \`${key}\`.${didYouMean(key, [...Object.keys(shape), ...Object.keys(others)])}`;
  return z.strictObject(shape, {
    // One line a key, in the order of the keys: `locate` takes them apart again.
    error: (issue) => (issue.code === "unrecognized_keys" ? issue.keys.map(explain).join("\n") : undefined),
  });
}

/**
 * Parses and checks.
 *
 * @param file the path that the problems name.
 */
export function checkYaml<T>(schema: z.ZodType<T>, text: string, file: string): Checked<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, message: string, severity: Problem["severity"] = "error"): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), severity, message };
  };
  const problems = [
    ...document.errors.map((error) => at(error.pos[0], `not valid YAML: ${error.message}`)),
    ...document.warnings.map((warning) => at(warning.pos[0], warning.message, "warning")),
  ];
  if (document.errors.length > 0) return { problems };

  const result = schema.safeParse(document.toJS() ?? {}, { reportInput: true });
  if (result.success) return { value: result.data, problems };
  for (const issue of result.error.issues.flatMap((found) => locate(found))) {
    problems.push(at(offsetOf(document.contents, issue.path, issue.atKey), issue.message));
  }
  return {
    problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
  };
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
  if (issue.code !== "invalid_type" || !issue.message.startsWith("Invalid input")) return issue.message;
  return `expected ${kind(issue.expected)}`;
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
