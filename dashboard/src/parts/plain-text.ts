/** Text of several lines as it is shown where there are no colours. */
import { visibleText } from "../../../src/lib/visible.ts";

const COLOURS = /\u001B\[[0-9;]*m/g;

/** Without the colours of terminals. */
export function withoutColours(text: string): string {
  return text.replace(COLOURS, "");
}

/** The same, and with a symbol for every other character that cannot be seen or turns the text around. */
export function plainText(text: string): string {
  return withoutColours(visibleText(text));
}
