/**
 * Stored text on its way to a terminal. Whoever can name a branch or print a line must not be able to move the
 * cursor, rewrite the screen, or turn the direction of the text around.
 */

const COLOUR = "\u001B\\[[0-9;]*m";
const CONTROL =
  "[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069]";
const COLOUR_OR_CONTROL = new RegExp(`${COLOUR}|${CONTROL}`, "gu");
const ANY_CONTROL = new RegExp(`${CONTROL}|[\\t\\n]`, "gu");

/** Text of several lines: colours, tabs and line ends stay, every other control character becomes a symbol. */
export function visibleText(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(COLOUR_OR_CONTROL, (found) => (found.length > 1 ? found : symbol(found)));
}

/** Text that must stay on one line and may not have colours of its own, such as a branch name in a table. */
export function visibleLine(text: string): string {
  return text.replace(ANY_CONTROL, symbol);
}

function symbol(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code); // ␀ … ␟: the Unicode pictures of control characters.
  if (code === 0x7f) return "␡";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
