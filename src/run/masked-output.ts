/** What a run prints, less the secrets in it, on its way to the recorder. Each stream is a text of its own. */
import type { OutputStream } from "../store/tables.ts";
import type { MaskedStream, Masker } from "./masker.ts";

/** Where what a run prints goes. */
export interface Output {
  /** @param at epoch milliseconds. */
  add(stream: OutputStream, bytes: Uint8Array, at: number): void;
  /** Adds a remark of Longshore's own. */
  note(text: string): void;
}

export class MaskedOutput implements Output {
  readonly #masker: Masker;
  readonly #target: Output;
  readonly #streams = new Map<OutputStream, MaskedStream>();

  constructor(masker: Masker, target: Output) {
    this.#masker = masker;
    this.#target = target;
  }

  add(stream: OutputStream, bytes: Uint8Array, at: number): void {
    let masked = this.#streams.get(stream);
    if (!masked) {
      masked = this.#masker.stream();
      this.#streams.set(stream, masked);
    }
    this.#target.add(stream, masked.add(bytes), at);
  }

  note(text: string): void {
    this.#target.note(this.#masker.text(text));
  }

  /** Gives out what was held back, because it could have been the beginning of a secret. */
  end(at: number): void {
    for (const [stream, masked] of this.#streams) this.#target.add(stream, masked.end(), at);
  }
}
