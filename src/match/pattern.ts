/**
 * The filter patterns of GitHub Actions, for branches, tags and paths.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 *
 * Matching walks all possible positions of the pattern at once, so that its time is at most the length of the
 * pattern times the length of the name: no name that a stranger chooses can make it slow.
 */

interface Step {
  takes: (character: string) => boolean;
  /** Whether it may take one character after another. */
  loops: boolean;
  /** How far one may go on from here without taking a character; empty when it must take one. */
  skips: readonly number[];
}

export interface Pattern {
  text: string;
  negated: boolean;
  steps: readonly Step[];
}

/** A pattern that is not one, with the column (from 0, within the pattern) of what is wrong. */
export class PatternError extends Error {
  readonly column: number;

  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

/**
 * Reads one pattern.
 *
 * @throws {PatternError} when it is empty, has an unclosed or empty `[]`, a bad range, or a `?` or `+` that has
 * no character before it.
 */
export function parsePattern(text: string): Pattern {
  const negated = text.startsWith("!");
  const start = negated ? 1 : 0;
  if (text.length === start) {
    throw new PatternError(negated ? "a `!` needs a pattern behind it" : "a pattern cannot be empty", 0);
  }
  const steps: Step[] = [];
  let at = start;
  while (at < text.length) at = readStep(text, at, steps);
  return { text, negated, steps };
}

/** Whether the whole name fits the pattern; its `!`, if any, is not considered here. */
export function matchPattern(pattern: Pattern, name: string): boolean {
  const { steps } = pattern;
  let positions = withSkips(steps, [0]);
  for (const character of name) {
    const next: number[] = [];
    for (const position of positions) {
      const step = steps[position];
      if (!step?.takes(character)) continue;
      next.push(position + 1);
      if (step.loops) next.push(position);
    }
    if (next.length === 0) return false;
    positions = withSkips(steps, next);
  }
  return positions.has(steps.length);
}

/**
 * Whether a list of patterns includes the name: they are tried in order and the last one that fits decides, a
 * `!` before it excluding what an earlier one included.
 */
export function includes(patterns: readonly Pattern[], name: string): boolean {
  const last = patterns.findLast((pattern) => matchPattern(pattern, name));
  return last !== undefined && !last.negated;
}

/** The positions that can be reached without taking a character: steps that may be left out are skipped. */
function withSkips(steps: readonly Step[], from: readonly number[]): Set<number> {
  // A set grows while it is walked, so what a skip reaches is looked at as well.
  const reached = new Set(from);
  for (const position of reached) {
    for (const skip of steps[position]?.skips ?? []) reached.add(position + skip);
  }
  return reached;
}

/** Reads the element at `at` into `steps` and returns where the next one begins. */
function readStep(text: string, at: number, steps: Step[]): number {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  switch (character) {
    case "*":
      return readStars(text, at, steps);
    case "?":
    case "+":
      return readQuantifier(character, at, steps);
    case "[":
      return readSet(text, at, steps);
    case "\\": {
      const escaped = text.codePointAt(at + 1);
      if (escaped === undefined) throw new PatternError("a `\\` needs a character behind it", at);
      steps.push(literal(String.fromCodePoint(escaped)));
      return at + 1 + String.fromCodePoint(escaped).length;
    }
    default:
      steps.push(literal(character));
      return at + character.length;
  }
}

function readStars(text: string, at: number, steps: Step[]): number {
  if (text[at + 1] !== "*") {
    steps.push({ takes: (character) => character !== "/", loops: true, skips: [1] });
    return at + 1;
  }
  // `**/` at the start of a name or behind a `/` also stands for no folder at all: `**/x` fits `x`.
  const anyFolder = text[at + 2] === "/" && (steps.length === 0 || text[at - 1] === "/");
  if (anyFolder) {
    const fork: Step = { takes: () => false, loops: false, skips: [1, 3] };
    steps.push(fork, { takes: () => true, loops: true, skips: [] }, literal("/"));
    return at + 3;
  }
  steps.push({ takes: () => true, loops: true, skips: [1] });
  return at + 2;
}

function readQuantifier(character: "?" | "+", at: number, steps: Step[]): number {
  const last = steps.at(-1);
  if (last === undefined || last.loops || last.skips.length > 0) {
    throw new PatternError(`a \`${character}\` needs a character before it`, at);
  }
  steps[steps.length - 1] =
    character === "?" ? { ...last, loops: false, skips: [1] } : { ...last, loops: true, skips: [] };
  return at + 1;
}

function readSet(text: string, at: number, steps: Step[]): number {
  const end = text.indexOf("]", at);
  if (end === -1) throw new PatternError("this `[` has no `]`", at);
  if (end === at + 1) throw new PatternError("`[]` needs at least one character", at);
  const ranges: [string, string][] = [];
  for (let i = at + 1; i < end; i++) {
    const low = String.fromCodePoint(text.codePointAt(i) ?? 0);
    if (text[i + low.length] !== "-") {
      ranges.push([low, low]);
      i += low.length - 1;
      continue;
    }
    const high = text[i + 2] as string;
    const ordered = /^([a-z]{2}|[A-Z]{2}|[0-9]{2})$/.test(low + high) && low <= high;
    if (!ordered) throw new PatternError("a range goes from a to z, A to Z or 0 to 9, upwards", i);
    ranges.push([low, high]);
    i += 2;
  }
  const takes = (character: string) => ranges.some(([low, high]) => low <= character && character <= high);
  steps.push({ takes, loops: false, skips: [] });
  return end + 1;
}

function literal(wanted: string): Step {
  return { takes: (character) => character === wanted, loops: false, skips: [] };
}
