/** What runs print, as it comes. One look serves all who watch the same run. */
import { runToJson } from "../store/as-json.ts";
import { type OutputPiece, readOutput } from "../store/output.ts";
import { findRun, type Run } from "../store/runs.ts";
import type { Database } from "../store/store.ts";
import type { StreamEvent } from "./event-queue.ts";
import { OutputText } from "./output-text.ts";

const POSITION = /^(\d{1,9})\.(\d{1,16})$/;

/** Somebody who watches, and how far they are. */
interface Reader {
  push: (event: StreamEvent) => void;
  end: () => void;
  attempt: number;
  seq: number;
  text: OutputText;
  status: string;
}

export class LiveOutput {
  readonly #db: Database;
  readonly #readers = new Map<number, Set<Reader>>();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * @param lastEventId where somebody goes on who has read before: `attempt.seq`.
   * @param end called when the run has ended and all is told.
   * @returns what ends it.
   */
  watch(
    run: Run,
    lastEventId: string | undefined,
    push: (event: StreamEvent) => void,
    end: () => void,
  ): () => void {
    const [, attempt = run.attempt, seq = -1] = POSITION.exec(lastEventId ?? "") ?? [];
    const reader: Reader = {
      ...{ push, end, text: new OutputText(), status: "" },
      ...{ attempt: Number(attempt), seq: -1 },
    };
    const readers = this.#readers.get(run.id) ?? new Set();
    this.#readers.set(run.id, readers);
    void this.#skip(reader, run, Number(seq)).then(
      () => readers.add(reader),
      () => end(),
    );
    return () => {
      readers.delete(reader);
      reader.end = () => {};
      if (readers.size === 0) this.#readers.delete(run.id);
    };
  }

  /** Looks once at every run that somebody watches. */
  async look(): Promise<void> {
    for (const [id, readers] of this.#readers) if (readers.size > 0) await this.#lookAt(id, readers);
  }

  /** What somebody has read already is decoded again: a character may go on in the next piece. */
  async #skip(reader: Reader, run: Run, seq: number): Promise<void> {
    if (seq < 0) return;
    for (const piece of await readOutput(this.#db, run.id, reader.attempt))
      if (piece.seq <= seq) reader.text.next(piece);
    reader.seq = seq;
  }

  async #lookAt(id: number, readers: Set<Reader>): Promise<void> {
    // The run first: what it has printed before its end is there then.
    const run = await findRun(this.#db, id);
    if (!run) {
      for (const reader of readers) reader.end();
      return;
    }
    const groups = Map.groupBy(readers, ({ attempt }) => attempt);
    for (const [attempt, group] of groups) {
      const from = Math.min(...group.map(({ seq }) => seq));
      const pieces = await readOutput(this.#db, id, attempt, from);
      for (const reader of group) this.#tell(reader, run, pieces);
    }
  }

  #tell(reader: Reader, run: Run, pieces: readonly OutputPiece[]): void {
    for (const piece of pieces) {
      if (piece.seq <= reader.seq) continue;
      reader.seq = piece.seq;
      const data = JSON.stringify(reader.text.next(piece));
      reader.push({ event: "output", id: `${piece.attempt}.${piece.seq}`, data });
    }
    const data = JSON.stringify(runToJson(run));
    const status = `${run.status} ${run.attempt}`;
    if (status !== reader.status) reader.push({ event: "run", data });
    reader.status = status;
    if (reader.attempt < run.attempt) {
      reader.attempt++;
      reader.seq = -1;
      reader.text = new OutputText();
      reader.push({ event: "attempt", data: JSON.stringify({ attempt: reader.attempt }) });
    } else if (run.finishedAt !== null) {
      // Whoever goes on behind this hears that there is nothing more.
      reader.push({ event: "end", id: "end", data });
      reader.end();
    }
  }
}
