/** A mistake in something the owner wrote: what, where, and what to do. */
import { isAbsolute, relative } from "node:path";

export interface Problem {
  /** The path of the file, or the name of the environment variable. */
  file: string;
  /** From 1; `null` where the whole file, or a variable, is meant. */
  line: number | null;
  /** From 1. */
  column: number | null;
  severity: "error" | "warning";
  message: string;
}

/** The owner's fault: shown as it is, without a stack. The program exits with 2. */
export class UserError extends Error {
  override name = "UserError";
  readonly problems: readonly Problem[];

  constructor(message: string, problems: readonly Problem[] = []) {
    super([message, ...problems.map(formatProblem)].join("\n"));
    this.problems = problems;
  }
}

export function problem(file: string, message: string, severity: Problem["severity"] = "error"): Problem {
  return { file, line: null, column: null, severity, message };
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === "error");
}

/** `hooks/deploy.yml:3:5: error: …`, the form that editors and terminals turn into a link. */
export function formatProblem({ file, line, column, severity, message }: Problem): string {
  const place = line === null ? showPath(file) : `${showPath(file)}:${line}:${column}`;
  return `${place}: ${severity}: ${message}`;
}

/** A path as short as it can be said from where the person stands. */
export function showPath(path: string): string {
  if (!isAbsolute(path)) return path;
  const short = relative(process.cwd(), path);
  return short === "" ? "." : short.startsWith("..") ? path : short;
}
