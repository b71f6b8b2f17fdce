/** The annotation that an `::error::`, `::warning::` or `::notice::` asks for. */
import { shorten } from "../lib/shorten.ts";
import type { WorkflowCommand } from "../lib/workflow-commands.ts";
import type { Annotation } from "../store/highlights.ts";

/** As much of a message as Actions passes on. */
const MAX_MESSAGE = 4_096;
const MAX_TITLE = 255;
const MAX_FILE = 1_024;
/** What PostgreSQL can keep; more lines has no file. */
const MAX_NUMBER = 2 ** 31 - 1;

/** As long as it was written: what is cut before it is masked can end in half a secret. */
export function toAnnotation(
  level: Annotation["level"],
  { properties, data }: WorkflowCommand,
): Annotation | undefined {
  const title = properties.get("title")?.trim() || null;
  if (data.trim() === "" && title === null) return undefined;
  const file = properties.get("file")?.trim() || null;
  return { level, message: data, title, file, ...placeOf(properties) };
}

/** With texts that can be stored, and are no longer than anybody reads. */
export function tidy(annotation: Annotation, mask: (text: string) => string): Annotation {
  const text = (raw: string, length: number) => shorten(mask(raw).replaceAll("\0", "\uFFFD"), length);
  const { message, title, file } = annotation;
  return {
    ...annotation,
    message: text(message, MAX_MESSAGE),
    title: title && text(title, MAX_TITLE),
    file: file && text(file, MAX_FILE),
  };
}

type Place = Pick<Annotation, "line" | "endLine" | "column" | "endColumn">;

/** Actions' own rules for what is missing or contradicts itself. */
function placeOf(properties: WorkflowCommand["properties"]): Place {
  const endLine = numberIn(properties.get("endline"));
  const line = numberIn(properties.get("line")) ?? endLine;
  const endColumn = numberIn(properties.get("endcolumn"));
  const column = numberIn(properties.get("col")) ?? endColumn;
  const hasColumns = line !== null && (endLine === null || endLine === line) && inOrder(column, endColumn);
  return {
    ...(inOrder(line, endLine) ? { line, endLine } : { line: null, endLine: null }),
    ...(hasColumns ? { column, endColumn } : { column: null, endColumn: null }),
  };
}

function inOrder(first: number | null, last: number | null): boolean {
  return first === null || last === null || first <= last;
}

function numberIn(text: string | undefined): number | null {
  const number = /^\s*\d+\s*$/.test(text ?? "") ? Number(text) : 0;
  return number >= 1 && number <= MAX_NUMBER ? number : null;
}
