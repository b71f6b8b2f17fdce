/**
 * What a run prints, on its way into the store: kept as it comes up to a limit, then only the end of it, so that a
 * script that never stops printing costs neither memory nor disk.
 */
import type { OutputPiece } from "../store/output.ts";
import type { OutputStream } from "../store/tables.ts";

type Piece = Pick<OutputPiece, "stream" | "at" | "bytes">;

export class Recorder {
  readonly #runId: number;
  readonly #attempt: number;
  readonly #headBytes: number;
  readonly #tailBytes: number;
  #seq = 0;
  #head: Piece[] = [];
  #headRoom: number;
  #tail: Piece[] = [];
  #tailSize = 0;
  #cutBytes = 0;

  constructor(run: { id: number; attempt: number }, limits = { headBytes: 1024 ** 2, tailBytes: 1024 ** 2 }) {
    this.#runId = run.id;
    this.#attempt = run.attempt;
    this.#headBytes = limits.headBytes;
    this.#headRoom = this.#headBytes;
    this.#tailBytes = limits.tailBytes;
  }

  add(stream: OutputStream, bytes: Uint8Array, at: number): void {
    const now = bytes.subarray(0, this.#headRoom);
    this.#headRoom -= now.length;
    if (now.length > 0) this.#head.push({ stream, at, bytes: now });
    const later = bytes.subarray(now.length);
    if (later.length > 0) this.#addToTail({ stream, at, bytes: later });
  }

  /** Adds a remark of Longshore's own. */
  note(text: string): void {
    this.add("longshore", Buffer.from(`\n[${text}]\n`), Date.now());
  }

  /** The pieces that can be stored now. They are given once. */
  take(): OutputPiece[] {
    const pieces = this.#number(this.#head);
    this.#head = [];
    return pieces;
  }

  /** The pieces that are left when the run has ended: the end of the output, behind a mark where something is missing. */
  takeRest(): OutputPiece[] {
    const mark = Buffer.from(`\n[${this.#cutBytes} bytes of output are left out here]\n`);
    const cut: Piece[] =
      this.#cutBytes > 0 ? [{ stream: "longshore", at: this.#tail[0]?.at ?? 0, bytes: mark }] : [];
    const pieces = [...this.take(), ...this.#number([...cut, ...this.#tail])];
    this.#tail = [];
    return pieces;
  }

  #addToTail(piece: Piece): void {
    this.#tail.push(piece);
    this.#tailSize += piece.bytes.length;
    while (this.#tailSize > this.#tailBytes) {
      const first = this.#tail[0] as Piece;
      const surplus = Math.min(first.bytes.length, this.#tailSize - this.#tailBytes);
      first.bytes = first.bytes.subarray(surplus);
      if (first.bytes.length === 0) this.#tail.shift();
      this.#tailSize -= surplus;
      this.#cutBytes += surplus;
    }
  }

  /** What came in a row from the same stream becomes one piece. */
  #number(pieces: readonly Piece[]): OutputPiece[] {
    const joined: { stream: OutputStream; at: number; parts: Uint8Array[] }[] = [];
    for (const { stream, at, bytes } of pieces) {
      const last = joined.at(-1);
      if (last?.stream === stream) last.parts.push(bytes);
      else joined.push({ stream, at, parts: [bytes] });
    }
    return joined.map(({ stream, at, parts }) => ({
      runId: this.#runId,
      attempt: this.#attempt,
      seq: this.#seq++,
      stream,
      at,
      bytes: Buffer.concat(parts),
    }));
  }
}
