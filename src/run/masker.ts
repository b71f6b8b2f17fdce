/**
 * Puts `***` in the place of secrets in whatever leaves a run. All forms of all secrets are looked for at once (Aho and
 * Corasick's automaton), so the time depends on the length of the text alone.
 * https://doi.org/10.1145/360825.360855
 */
import { secretForms } from "./secret-forms.ts";

const MASK = Buffer.from("***");
const ROOT = 0;
const NONE = -1;

export class Masker {
  readonly #patterns: Patterns;

  /** @param secrets values; empty ones are nothing to hide. */
  constructor(secrets: readonly string[]) {
    this.#patterns = new Patterns(secrets.flatMap(secretForms).map((form) => Buffer.from(form)));
  }

  /** A text that is there as a whole, such as a reason. */
  text(text: string): string {
    const stream = this.stream();
    return Buffer.concat([stream.add(Buffer.from(text)), stream.end()]).toString();
  }

  /** For what comes in pieces: a secret may begin in one and end in another. */
  stream(): MaskedStream {
    return new MaskedStream(this.#patterns);
  }
}

/** Bytes that belong to a secret, from and to (not included) an index. */
interface Span {
  start: number;
  end: number;
}

export class MaskedStream {
  readonly #patterns: Patterns;
  #state = ROOT;
  /** What may be the beginning of a secret. */
  #held: Uint8Array = new Uint8Array();
  /** The secrets in it, in order and apart. */
  #spans: Span[] = [];
  /** Whether the last bytes that were given out belong to a secret, so that what goes on with it is not a second one. */
  #isInSecret = false;

  constructor(patterns: Patterns) {
    this.#patterns = patterns;
  }

  /** What is sure by now; the rest, always shorter than the longest secret, is held back. */
  add(bytes: Uint8Array): Uint8Array {
    const patterns = this.#patterns;
    if (patterns.isEmpty) return bytes;
    const all = this.#held.length > 0 ? Buffer.concat([this.#held, bytes]) : bytes;
    let state = this.#state;
    for (let at = this.#held.length; at < all.length; at++) {
      state = patterns.next(state, all[at] ?? 0);
      const length = patterns.lengthAt(state);
      if (length > 0) this.#cover({ start: at + 1 - length, end: at + 1 });
    }
    this.#state = state;
    return this.#giveOut(all, all.length - patterns.openAt(state));
  }

  /** What was held back. Nothing comes after it. */
  end(): Uint8Array {
    return this.#giveOut(this.#held, this.#held.length);
  }

  /** Spans come in the order of their ends; one that begins early takes in those before it. */
  #cover(span: Span): void {
    let { start } = span;
    for (let last = this.#spans.at(-1); last && last.end >= start; last = this.#spans.at(-1)) {
      start = Math.min(start, last.start);
      this.#spans.pop();
    }
    this.#spans.push({ start, end: span.end });
  }

  #giveOut(all: Uint8Array, end: number): Uint8Array {
    const parts: Uint8Array[] = [];
    const rest: Span[] = [];
    let given = 0;
    for (const span of this.#spans) {
      // One secret may have begun inside another that is known already: the other is given out up to there.
      const until = Math.min(span.end, end);
      if (until > span.start) {
        if (span.start > given) parts.push(all.subarray(given, span.start));
        if (span.start > given || !this.#isInSecret) parts.push(MASK);
        this.#isInSecret = true;
        given = until;
      }
      if (span.end > end) rest.push({ start: Math.max(span.start, end) - end, end: span.end - end });
    }
    if (end > given) {
      parts.push(all.subarray(given, end));
      this.#isInSecret = false;
    }
    this.#spans = rest;
    this.#held = all.subarray(end);
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }
}

/** The automaton: a tree of all patterns, in which each node knows where to go on when the text leaves it. */
class Patterns {
  /** A node's first child, its next sibling, and the byte that leads to it. */
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;
  readonly #byte: Uint8Array;
  /** The root's child for each byte, or the root itself: nearly every byte of an output is looked up here. */
  readonly #first = new Int32Array(256).fill(ROOT);
  readonly #depth: Int32Array;
  /** The node of the longest proper end of a node's text that is the beginning of a pattern. */
  readonly #fallback: Int32Array;
  /** The length of the longest pattern that ends here. */
  readonly #length: Int32Array;
  /** How many of the last bytes may still become a pattern. */
  readonly #open: Int32Array;
  #count = 1;

  constructor(patterns: readonly Uint8Array[]) {
    const size = patterns.reduce((sum, { length }) => sum + length, 1);
    this.#child = new Int32Array(size).fill(NONE);
    this.#sibling = new Int32Array(size).fill(NONE);
    this.#byte = new Uint8Array(size);
    this.#depth = new Int32Array(size);
    this.#fallback = new Int32Array(size);
    this.#length = new Int32Array(size);
    this.#open = new Int32Array(size);
    for (const pattern of patterns) this.#plant(pattern);
    this.#connect();
  }

  get isEmpty(): boolean {
    return this.#count === 1;
  }

  next(state: number, byte: number): number {
    let from = state;
    while (from !== ROOT) {
      const child = this.#find(from, byte);
      if (child !== NONE) return child;
      from = this.#fallback[from] ?? ROOT;
    }
    return this.#first[byte] ?? ROOT;
  }

  lengthAt(state: number): number {
    return this.#length[state] ?? 0;
  }

  openAt(state: number): number {
    return this.#open[state] ?? 0;
  }

  #find(node: number, byte: number): number {
    let child = this.#child[node] ?? NONE;
    while (child !== NONE && this.#byte[child] !== byte) child = this.#sibling[child] ?? NONE;
    return child;
  }

  #plant(pattern: Uint8Array): void {
    let node = ROOT;
    for (const byte of pattern) {
      let child = this.#find(node, byte);
      if (child === NONE) {
        child = this.#count++;
        this.#byte[child] = byte;
        this.#depth[child] = (this.#depth[node] ?? 0) + 1;
        this.#sibling[child] = this.#child[node] ?? NONE;
        this.#child[node] = child;
      }
      node = child;
    }
    this.#length[node] = pattern.length;
  }

  /** From the root outwards, so that a fallback, which is nearer to it, is ready when it is needed. */
  #connect(): void {
    for (let byte = 0; byte < this.#first.length; byte++)
      this.#first[byte] = Math.max(this.#find(ROOT, byte), ROOT);
    const queue = [ROOT];
    for (const node of queue) {
      for (let child = this.#child[node] ?? NONE; child !== NONE; child = this.#sibling[child] ?? NONE) {
        const start = this.#fallback[node] ?? ROOT;
        this.#settle(child, node === ROOT ? ROOT : this.next(start, this.#byte[child] ?? 0));
        queue.push(child);
      }
    }
  }

  #settle(node: number, fallback: number): void {
    this.#fallback[node] = fallback;
    this.#length[node] = Math.max(this.lengthAt(node), this.lengthAt(fallback));
    // A leaf can become nothing longer, but an end of it can.
    const isLeaf = this.#child[node] === NONE;
    this.#open[node] = isLeaf ? this.openAt(fallback) : (this.#depth[node] ?? 0);
  }
}
