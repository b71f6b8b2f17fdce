/** What runs printed, piece by piece. */
import type { Database } from "./store.ts";
import type { OutputStream } from "./tables.ts";
import { inTransaction } from "./transaction.ts";

export interface OutputPiece {
  runId: number;
  attempt: number;
  /** Counts up within the attempt. */
  seq: number;
  stream: OutputStream;
  /** Epoch milliseconds. */
  at: number;
  bytes: Uint8Array;
}

/** Stores pieces of any number of runs in one transaction. */
export async function appendOutput(db: Database, pieces: readonly OutputPiece[]): Promise<void> {
  await inTransaction(db, async (tx) => {
    for (const { runId, attempt, seq, stream, at, bytes } of pieces) {
      // A piece that a slow commit made us send twice is stored once, and one of a run that has been pruned not at all.
      await tx
        .insertInto("output")
        .columns(["run_id", "attempt", "seq", "stream", "at", "bytes"])
        .expression((eb) =>
          eb
            .selectFrom("runs")
            .select(({ val }) => [
              "runs.id",
              val(attempt).as("attempt"),
              val(seq).as("seq"),
              val(stream).as("stream"),
              val(at).as("at"),
              val(bytes).as("bytes"),
            ])
            .where("runs.id", "=", runId),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
}

/** The pieces of one attempt in order, from `afterSeq` (exclusive) on. */
export async function readOutput(
  db: Database,
  runId: number,
  attempt: number,
  afterSeq = -1,
): Promise<OutputPiece[]> {
  const rows = await db
    .selectFrom("output")
    .selectAll()
    .where("run_id", "=", runId)
    .where("attempt", "=", attempt)
    .where("seq", ">", afterSeq)
    .orderBy("seq")
    .execute();
  return rows.map(({ run_id, ...piece }) => ({ runId: run_id, ...piece }));
}
