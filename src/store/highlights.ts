/** What attempts have pointed out: their annotations, and their summary. */
import type { Selectable } from "kysely";
import type { Database } from "./store.ts";
import type { Tables } from "./tables.ts";
import { inTransaction } from "./transaction.ts";

export interface Annotation {
  level: Tables["annotations"]["level"];
  message: string;
  title: string | null;
  /** As the script has named it. */
  file: string | null;
  /** From 1, as all places here. */
  line: number | null;
  endLine: number | null;
  column: number | null;
  endColumn: number | null;
}

export interface Highlights {
  /** In the order in which they came. */
  annotations: readonly Annotation[];
  /** In Markdown. */
  summary: string | null;
}

/** Writes down what an attempt has pointed out. What is there already stays, so it can be done again. */
export async function saveHighlights(
  db: Database,
  { id, attempt }: { id: number; attempt: number },
  { annotations, summary }: Highlights,
): Promise<void> {
  const of = { run_id: id, attempt };
  await inTransaction(db, async (tx) => {
    if (annotations.length > 0)
      await tx
        .insertInto("annotations")
        .values(annotations.map((annotation, seq) => ({ ...of, seq, ...toColumns(annotation) })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    if (summary !== null)
      await tx
        .insertInto("summaries")
        .values({ ...of, markdown: summary })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
  });
}

export async function findHighlights(db: Database, runId: number, attempt: number): Promise<Highlights> {
  const annotations = await db
    .selectFrom("annotations")
    .selectAll()
    .where("run_id", "=", runId)
    .where("attempt", "=", attempt)
    .orderBy("seq")
    .execute();
  const summary = await db
    .selectFrom("summaries")
    .select("markdown")
    .where("run_id", "=", runId)
    .where("attempt", "=", attempt)
    .executeTakeFirst();
  return { annotations: annotations.map(toAnnotation), summary: summary?.markdown ?? null };
}

function toColumns({ endLine, column, endColumn, ...same }: Annotation) {
  return { ...same, end_line: endLine, col: column, end_column: endColumn };
}

function toAnnotation(row: Selectable<Tables["annotations"]>): Annotation {
  const { level, message, title, file, line, end_line, col, end_column } = row;
  return { level, message, title, file, line, endLine: end_line, column: col, endColumn: end_column };
}
