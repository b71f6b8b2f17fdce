import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { appendOutput, type OutputPiece, readOutput } from "../../src/store/output.ts";
import { count, openTestStore } from "../support/store.ts";

const piece = (changes: Partial<OutputPiece> = {}): OutputPiece => ({
  runId: 1,
  attempt: 1,
  seq: 0,
  stream: "stdout",
  at: 1_000,
  bytes: Buffer.from("text"),
  ...changes,
});

describe("the output of a run", () => {
  it("comes back byte for byte, in order, whatever order it was stored in", async (t) => {
    const { db, queueRun } = await openTestStore(t);
    await queueRun();
    const pieces = [
      piece({ seq: 0, bytes: Buffer.from([0x00, 0xff, 0xfe, 0x0a]) }),
      piece({ seq: 1, stream: "stderr", at: 1_001 }),
      piece({ seq: 2, stream: "longshore", bytes: Buffer.from("♥") }),
      piece({ seq: 10, bytes: Buffer.alloc(0) }),
    ];
    await appendOutput(db, pieces.toReversed());
    const found = await readOutput(db, 1, 1);
    assert.deepEqual(
      found.map((one) => ({ ...one, bytes: Buffer.from(one.bytes) })),
      pieces,
    );
  });

  it("belongs to one attempt of one run", async (t) => {
    const { db, queueRun } = await openTestStore(t);
    await queueRun();
    await queueRun();
    await appendOutput(db, [piece(), piece({ attempt: 2, at: 2 }), piece({ runId: 2, at: 3 })]);
    assert.deepEqual(
      (await readOutput(db, 1, 2)).map(({ at }) => at),
      [2],
    );
    assert.deepEqual(
      (await readOutput(db, 2, 1)).map(({ at }) => at),
      [3],
    );
    assert.deepEqual(await readOutput(db, 2, 2), []);
  });

  it("can be read on from where somebody has read to", async (t) => {
    const { db, queueRun } = await openTestStore(t);
    await queueRun();
    await appendOutput(db, [piece({ seq: 0 }), piece({ seq: 1 }), piece({ seq: 2 })]);
    const after = async (seq: number) => (await readOutput(db, 1, 1, seq)).map((one) => one.seq);
    assert.deepEqual([await after(-1), await after(0), await after(2)], [[0, 1, 2], [1, 2], []]);
  });

  it("is stored once, also when a piece is sent twice", async (t) => {
    const { db, queueRun } = await openTestStore(t);
    await queueRun();
    await appendOutput(db, [piece()]);
    await appendOutput(db, [piece(), piece({ seq: 1 })]);
    assert.equal(await count(db, "output"), 2);
  });

  it("is stored as a whole or not at all", async (t) => {
    const { db, queueRun } = await openTestStore(t);
    await queueRun();
    await assert.rejects(appendOutput(db, [piece(), piece({ attempt: 0 })]), /check constraint/i);
    assert.equal(await count(db, "output"), 0);
  });

  it("may be nothing", async (t) => {
    const { db } = await openTestStore(t);
    await appendOutput(db, []);
    assert.deepEqual(await readOutput(db, 1, 1), []);
  });
});
