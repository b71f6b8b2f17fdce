/**
 * Texts that are looked for all at once (Aho and Corasick's automaton), so that the time depends on the length of what
 * is searched alone.
 * https://doi.org/10.1145/360825.360855
 */

const ROOT = 0;
const NONE = -1;

/** The automaton: a tree of all patterns, in which each node knows where to go on when the text leaves it. */
export class Patterns {
  /** Where a search begins. */
  static readonly START = ROOT;
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
