/** Colours in what a script has printed: text with the escape sequences of terminals becomes parts with a look. */

/** A colour by its number in the palette of terminals (0–15), or as it is. */
export type Colour = number | string;

export interface Look {
  foreground?: Colour;
  background?: Colour;
  isBold?: boolean;
  isDim?: boolean;
  isItalic?: boolean;
  isUnderlined?: boolean;
  isStruck?: boolean;
}

export interface Part {
  text: string;
  look: Look;
}

const ESCAPE = "\u001B";
const COLOUR = new RegExp(`${ESCAPE}\\[([0-9;]*)m`, "g");

/** @returns the parts of a line, and the look that the next one begins with. */
export function parseColours(line: string, start: Look): { parts: Part[]; look: Look } {
  if (!line.includes(ESCAPE)) return { parts: line === "" ? [] : [{ text: line, look: start }], look: start };
  const parts: Part[] = [];
  let look = start;
  let from = 0;
  for (const found of line.matchAll(COLOUR)) {
    if (found.index > from) parts.push({ text: line.slice(from, found.index), look });
    look = changed(look, (found[1] ?? "").split(";").map(Number));
    from = found.index + found[0].length;
  }
  if (from < line.length) parts.push({ text: line.slice(from), look });
  return { parts, look };
}

const SWITCHES: Record<number, Look> = {
  1: { isBold: true },
  2: { isDim: true },
  3: { isItalic: true },
  4: { isUnderlined: true },
  9: { isStruck: true },
  22: { isBold: false, isDim: false },
  23: { isItalic: false },
  24: { isUnderlined: false },
  29: { isStruck: false },
  39: { foreground: undefined },
  49: { background: undefined },
};

function changed(look: Look, codes: readonly number[]): Look {
  let next = look;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) next = {};
    else if (code === 38 || code === 48) {
      const { colour, length } = extended(codes.slice(at + 1));
      next = { ...next, [code === 38 ? "foreground" : "background"]: colour };
      at += length;
    } else next = { ...next, ...(SWITCHES[code] ?? colourOf(code)) };
  }
  return next;
}

function colourOf(code: number): Look {
  if (code >= 30 && code <= 37) return { foreground: code - 30 };
  if (code >= 90 && code <= 97) return { foreground: code - 90 + 8 };
  if (code >= 40 && code <= 47) return { background: code - 40 };
  if (code >= 100 && code <= 107) return { background: code - 100 + 8 };
  return {};
}

/** `5;N`: one of 256; `2;R;G;B`: whichever one likes. */
function extended([kind, a = 0, b = 0, c = 0]: readonly number[]): { colour?: Colour; length: number } {
  if (kind === 2) return { colour: `rgb(${byte(a)} ${byte(b)} ${byte(c)})`, length: 4 };
  if (kind !== 5) return { length: 1 };
  return { colour: a < 16 ? a : a >= 232 ? grey(a) : cube(a), length: 2 };
}

function grey(code: number): string {
  const level = byte(8 + (code - 232) * 10);
  return `rgb(${level} ${level} ${level})`;
}

function cube(code: number): string {
  const levels = [0, 95, 135, 175, 215, 255];
  const at = code - 16;
  const [red, green, blue] = [at / 36, (at / 6) % 6, at % 6].map((index) => levels[Math.floor(index)] ?? 0);
  return `rgb(${red} ${green} ${blue})`;
}

function byte(value: number): number {
  return Math.min(255, Math.max(0, Math.floor(value) || 0));
}
