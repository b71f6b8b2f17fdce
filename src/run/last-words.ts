/** The end of what a process has said, which often is why it has ended. */

const MAX_CHARACTERS = 1_000;

export class LastWords {
  #text = "";

  add(bytes: Uint8Array): void {
    // Of a large piece no more than its end is of use: a character has at most four bytes.
    const end = Buffer.from(bytes.subarray(-4 * MAX_CHARACTERS)).toString();
    this.#text = (this.#text + end).slice(-MAX_CHARACTERS);
  }

  /** What is kept: all, as long as that is little. */
  get text(): string {
    return this.#text;
  }

  /** The last line, behind a colon; nothing where there is none. */
  lastLine(): string {
    const line = this.#text.trim().split("\n").at(-1) ?? "";
    return line === "" ? "" : `: ${line}`;
  }
}
