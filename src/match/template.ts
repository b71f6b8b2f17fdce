/** Texts with `${{ }}` in them. */
import { ExpressionMistake, evaluate, parseExpression } from "./expression.ts";

/** A part of a text that is evaluated: what stands between `${{` and `}}`, and where it begins. */
export interface Embedded {
  expression: string;
  /** Of the expression's first character, from 0. */
  offset: number;
}

const OPEN = "${{";
const CLOSE = "}}";

/**
 * The parts of a text, in order: texts as they are, and expressions. A `}}` within the quotes of an expression does not
 * end it.
 *
 * @throws {ExpressionMistake} when an expression is not closed.
 */
export function readTemplate(text: string): (string | Embedded)[] {
  const parts: (string | Embedded)[] = [];
  let end = 0;
  for (;;) {
    const start = text.indexOf(OPEN, end);
    if (start === -1) break;
    if (start > end) parts.push(text.slice(end, start));
    const offset = start + OPEN.length;
    const close = findClose(text, offset);
    if (close === -1) throw new ExpressionMistake("this `${{` has no `}}`", start);
    parts.push({ expression: text.slice(offset, close), offset });
    end = close + CLOSE.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/**
 * The text with its expressions evaluated.
 *
 * @throws {EvaluationError} when one cannot be.
 * @throws {ExpressionMistake} when one is not written right.
 */
export function fill(text: string, contexts: Readonly<Record<string, unknown>>): string {
  const parts = readTemplate(text).map((part) =>
    typeof part === "string"
      ? part
      : evaluate(parseExpression(part.expression).tree, contexts).coerceString(),
  );
  return parts.join("");
}

/** The expressions in a text, without their `${{ }}`. */
export function expressionsIn(text: string): string[] {
  return readTemplate(text).flatMap((part) => (typeof part === "string" ? [] : part.expression));
}

/**
 * The expression of a condition, which may or may not stand in `${{ }}`.
 *
 * @throws {ExpressionMistake} also when only a part of it does.
 */
export function readCondition(text: string): Embedded {
  const parts = readTemplate(text);
  const embedded = parts.find((part) => typeof part === "object");
  if (!embedded) return { expression: text, offset: 0 };
  const isAll = parts.every((part) => part === embedded || (typeof part === "string" && part.trim() === ""));
  if (isAll) return embedded;
  throw new ExpressionMistake(
    "with `${{ }}` around a part, the whole is a text, and every text counts as true; put it around the whole condition, or leave it out",
    embedded.offset - OPEN.length,
  );
}

function findClose(text: string, from: number): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "'") isQuoted = !isQuoted;
    else if (!isQuoted && text.startsWith(CLOSE, at)) return at;
  }
  return -1;
}
