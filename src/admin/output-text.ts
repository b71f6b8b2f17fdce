/** What runs printed, as text. A character can be cut by two pieces: it belongs to the second then. */
import { isoTime } from "../lib/times.ts";
import type { OutputPiece } from "../store/output.ts";

export interface PieceText {
  attempt: number;
  seq: number;
  stream: OutputPiece["stream"];
  /** ISO 8601. */
  at: string;
  text: string;
}

/** Decodes the pieces of one attempt, one after the other. */
export class OutputText {
  readonly #decoders = {
    stdout: new TextDecoder(),
    stderr: new TextDecoder(),
    longshore: new TextDecoder(),
  };

  /** @param isLast whether nothing more comes of its stream, so that half a character is shown as one that is broken. */
  next({ attempt, seq, stream, at, bytes }: OutputPiece, isLast = false): PieceText {
    const text = this.#decoders[stream].decode(bytes, { stream: !isLast });
    return { attempt, seq, stream, at: isoTime(at), text };
  }
}

/** All pieces of one attempt. */
export function decodePieces(pieces: readonly OutputPiece[]): PieceText[] {
  const text = new OutputText();
  const last = new Map(pieces.map(({ stream, seq }) => [stream, seq]));
  return pieces.map((piece) => text.next(piece, last.get(piece.stream) === piece.seq));
}
