import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Recorder } from "../../src/run/recorder.ts";
import type { OutputPiece } from "../../src/store/output.ts";

const RUN = { id: 7, attempt: 2 };
const LIMITS = { headBytes: 10, tailBytes: 5 };

const texts = (pieces: readonly OutputPiece[]) =>
  pieces.map(({ seq, stream, bytes }) => `${seq} ${stream} ${Buffer.from(bytes)}`);

describe("a recorder", () => {
  it("gives each piece once, numbered, in the order in which it came", () => {
    const recorder = new Recorder(RUN);
    recorder.add("stdout", Buffer.from("one"), 1_000);
    recorder.add("stderr", Buffer.from("two"), 1_001);
    const first = recorder.take();
    recorder.add("stdout", Buffer.from("three"), 1_002);

    assert.deepEqual(texts(first), ["0 stdout one", "1 stderr two"]);
    assert.deepEqual(
      first.map(({ runId, attempt, at }) => [runId, attempt, at]),
      [
        [7, 2, 1_000],
        [7, 2, 1_001],
      ],
    );
    assert.deepEqual(texts(recorder.take()), ["2 stdout three"]);
    assert.deepEqual([...recorder.take(), ...recorder.takeRest()], []);
  });

  it("joins what one stream says in a row", () => {
    const recorder = new Recorder(RUN);
    for (const text of ["a", "b", "c"]) recorder.add("stdout", Buffer.from(text), 0);
    recorder.add("stderr", Buffer.from("d"), 0);
    recorder.add("stdout", Buffer.from("e"), 0);
    assert.deepEqual(texts(recorder.take()), ["0 stdout abc", "1 stderr d", "2 stdout e"]);
  });

  it("keeps all bytes while there are no more than head and tail hold", () => {
    const recorder = new Recorder(RUN, LIMITS);
    recorder.add("stdout", Buffer.from("0123456789abcde"), 0);
    assert.deepEqual(texts(recorder.take()), ["0 stdout 0123456789"]);
    assert.deepEqual(texts(recorder.takeRest()), ["1 stdout abcde"]);
  });

  it("leaves out the middle of more, and says how much", () => {
    const recorder = new Recorder(RUN, LIMITS);
    recorder.add("stdout", Buffer.from("01234567"), 0);
    for (const text of ["89", "-------", "vw", "xyz"]) recorder.add("stderr", Buffer.from(text), 0);
    assert.deepEqual(texts([...recorder.take(), ...recorder.takeRest()]), [
      "0 stdout 01234567",
      "1 stderr 89",
      "2 longshore \n[7 bytes of output are left out here]\n",
      "3 stderr vwxyz",
    ]);
  });

  it("holds no more than the tail of an endless output", () => {
    const recorder = new Recorder(RUN, LIMITS);
    for (let line = 0; line < 10_000; line++) recorder.add("stdout", Buffer.from("spam\n"), 0);
    const kept = [...recorder.take(), ...recorder.takeRest()];
    assert.deepEqual(texts(kept), [
      "0 stdout spam\nspam\n",
      "1 longshore \n[49985 bytes of output are left out here]\n",
      "2 stdout spam\n",
    ]);
  });
});
