/** Where in a YAML file a character of a text stands: quotes, escapes, folded and indented lines lie between the two. */
import { type Document, isScalar, type Scalar } from "yaml";

/**
 * The offset in the file of the character at `within` (from 0) of the text at `path`; `undefined` when there is no text
 * of its own, as behind an alias.
 */
export function offsetInScalar(
  source: string,
  document: Document,
  path: readonly PropertyKey[],
  within: number,
): number | undefined {
  const node = document.getIn(path, true);
  if (!isScalar(node) || typeof node.value !== "string" || !node.range) return;
  const characters = charactersOf(source.slice(node.range[0], node.range[1]), node.type);
  // Blanks change when lines are folded, all else comes in the same order.
  const before = node.value.slice(0, within).replaceAll(/\s/g, "").length;
  const found = characters[Math.min(before, characters.length - 1)];
  return found === undefined ? undefined : node.range[0] + found;
}

/** The offsets, within the written form of a text, of its characters that are no blanks. */
function charactersOf(written: string, type: Scalar["type"]): number[] {
  const isBlock = type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED";
  const pattern = type === "QUOTE_DOUBLE" ? ESCAPED : type === "QUOTE_SINGLE" ? DOUBLED : PLAIN;
  const isQuoted = pattern !== PLAIN;
  const start = isBlock ? written.indexOf("\n") + 1 : isQuoted ? 1 : 0;
  const end = isQuoted ? written.length - 1 : written.length;
  return [...written.slice(start, end).matchAll(pattern)]
    .filter(([character]) => !ESCAPED_BLANK.test(character))
    .map(({ index }) => start + index);
}

const PLAIN = /\S/g;
const DOUBLED = /''|\S/g;
const ESCAPED = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])|[^\s\\]/g;
const ESCAPED_BLANK = /^\\[ntrvfLP_\s]/;
