/**
 * A payload as a tree is drawn: what is below a value, in buckets where that is more than a person reads or a browser
 * draws, and where a searched text stands. Knows nothing of how it looks.
 */

export type Path = readonly (string | number)[];

/** A part of a value's children, from one to before another. */
export interface Bucket {
  from: number;
  to: number;
}

const BUCKET = 100;
/** Nobody looks at more; who has so many searches for something longer. */
export const MAX_MATCHES = 200;
/** So many characters of a value are shown around a match. */
const PREVIEW = 80;

export function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The names of a value's children; of an array its indexes. */
export function keysOf(value: object): readonly string[] | number {
  return Array.isArray(value) ? value.length : Object.keys(value);
}

export function countOf(keys: readonly string[] | number): number {
  return typeof keys === "number" ? keys : keys.length;
}

/** A range in parts of which there are at most a hundred; `undefined` when it is small enough as it is. */
export function bucketsOf({ from, to }: Bucket): Bucket[] | undefined {
  const count = to - from;
  if (count <= BUCKET) return undefined;
  const step = stepOf(count);
  const starts = Array.from({ length: Math.ceil(count / step) }, (_, index) => from + index * step);
  return starts.map((start) => ({ from: start, to: Math.min(start + step, to) }));
}

function stepOf(count: number): number {
  let step = BUCKET;
  while (count / step > BUCKET) step *= BUCKET;
  return step;
}

/** By which an open place is remembered. */
export function keyOf(path: Path, bucket?: Bucket): string {
  return JSON.stringify(bucket ? [...path, bucket] : path);
}

/** All that has to be open for a place to be seen. */
export function keysTo(root: unknown, path: Path): string[] {
  const open: string[] = [];
  let value = root;
  for (const [depth, name] of path.entries()) {
    if (!isContainer(value)) break;
    const parent = path.slice(0, depth);
    open.push(keyOf(parent));
    const keys = keysOf(value);
    const index = typeof keys === "number" ? Number(name) : keys.indexOf(String(name));
    let range: Bucket | undefined = { from: 0, to: countOf(keys) };
    while (range) {
      range = bucketsOf(range)?.find(({ from, to }) => index >= from && index < to);
      if (range) open.push(keyOf(parent, range));
    }
    value = (value as Record<string, unknown>)[name];
  }
  return open;
}

export interface Match {
  path: Path;
  preview: string;
}

/** Where a text stands, in a name or a value, whatever the case of its letters. In the order of the payload. */
export function findMatches(root: unknown, text: string): { matches: Match[]; hasMore: boolean } {
  const wanted = text.toLowerCase();
  const matches: Match[] = [];
  const waiting: Place[] = [{ path: [], value: root }];
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    const match = matchIn(place, wanted);
    if (match && matches.length === MAX_MATCHES) return { matches, hasMore: true };
    if (match) matches.push(match);
    // Not as arguments: a list can have more elements than a call can have of those.
    for (const child of childrenOf(place).toReversed()) waiting.push(child);
  }
  return { matches, hasMore: false };
}

interface Place {
  path: Path;
  value: unknown;
}

function matchIn({ path, value }: Place, wanted: string): Match | undefined {
  const text = isContainer(value) ? "" : String(value);
  const at = text.toLowerCase().indexOf(wanted);
  const isNamed = path.length > 0 && String(path.at(-1)).toLowerCase().includes(wanted);
  return at !== -1 || isNamed ? { path, preview: previewOf(text, Math.max(at, 0)) } : undefined;
}

function childrenOf({ path, value }: Place): Place[] {
  if (!isContainer(value)) return [];
  if (Array.isArray(value)) return value.map((child, index) => ({ path: [...path, index], value: child }));
  return Object.entries(value).map(([name, child]) => ({ path: [...path, name], value: child }));
}

function previewOf(text: string, at: number): string {
  const start = Math.max(0, at - PREVIEW / 4);
  const cut = text.slice(start, start + PREVIEW);
  return `${start > 0 ? "…" : ""}${cut}${start + PREVIEW < text.length ? "…" : ""}`;
}

/** `pull_request.labels[0].name`. */
export function pathText(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join("");
}
