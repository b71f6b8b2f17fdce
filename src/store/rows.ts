/** Many rows in one statement, as fast as it goes. */
import { type Compilable, CompiledQuery, type DialectAdapter } from "kysely";
import type { Database } from "./store.ts";

/** SQL texts are kept for up to this many rows; building one anew costs more than the row itself. */
export const MAX_ROWS = 64;

/** By name; each database has its own words. */
const textsOf = new WeakMap<DialectAdapter, Map<string, string>>();

/** Runs a query whose SQL text is built once per `name` (which says how many rows it has), with new parameters. */
export async function execute<R>(
  tx: Database,
  name: string,
  build: () => Compilable,
  parameters: unknown[],
): Promise<R[]> {
  const { adapter } = tx.getExecutor();
  const texts = textsOf.get(adapter) ?? new Map<string, string>();
  textsOf.set(adapter, texts);
  let text = texts.get(name);
  if (text === undefined) {
    text = build().compile().sql;
    texts.set(name, text);
  }
  return (await tx.executeQuery<R>(CompiledQuery.raw(text, parameters))).rows;
}

/** Parts of a row as a text by which rows can be found again: equal for equal parts only. */
export function keyOf(...parts: (string | number | Uint8Array | undefined)[]): string {
  return parts
    .map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString("latin1") : part))
    .join("\n");
}
