/** One stream of a handler process, cut where a run ends: behind its last byte stands a mark that it cannot know. */
export class MarkedOutput {
  readonly #mark: Buffer;
  readonly #pass: (bytes: Uint8Array) => void;
  readonly #found = Promise.withResolvers<void>();
  /** What may be the beginning of the mark. */
  #held: Buffer = Buffer.alloc(0);
  #isOver = false;

  /** @param pass is given everything that stands before the mark, as it comes. */
  constructor(mark: string, pass: (bytes: Uint8Array) => void) {
    this.#mark = Buffer.from(mark);
    this.#pass = pass;
  }

  /** Resolves when the mark has come. */
  get marked(): Promise<void> {
    return this.#found.promise;
  }

  add(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const all = Buffer.concat([this.#held, bytes]);
    const at = all.indexOf(this.#mark);
    this.#isOver = at !== -1;
    const end = this.#isOver ? at : all.length - this.#beginning(all);
    this.#held = this.#isOver ? Buffer.alloc(0) : all.subarray(end);
    if (end > 0) this.#pass(all.subarray(0, end));
    if (this.#isOver) this.#found.resolve();
  }

  /** The process has ended, so what looked like a mark was none. */
  end(): void {
    if (this.#held.length > 0) this.#pass(this.#held);
    this.#held = Buffer.alloc(0);
    this.#isOver = true;
  }

  /** How many of the last bytes can be the beginning of a mark. */
  #beginning(all: Buffer): number {
    for (let length = Math.min(all.length, this.#mark.length - 1); length > 0; length--)
      if (all.indexOf(this.#mark.subarray(0, length), all.length - length) >= 0) return length;
    return 0;
  }
}
