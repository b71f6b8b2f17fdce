/** Texts that may be longer than anybody wants to read. */

/** The text, or its first `length` characters and an ellipsis. */
export function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
