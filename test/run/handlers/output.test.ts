import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MarkedOutput } from "../../../src/run/handlers/output.ts";

const MARK = "\0mark\0";

function collect() {
  let text = "";
  const output = new MarkedOutput(MARK, (bytes) => {
    text += Buffer.from(bytes).toString("latin1");
  });
  return { output, text: () => text, add: (piece: string) => output.add(Buffer.from(piece, "latin1")) };
}

describe("the output of a handler process", () => {
  it("is passed on up to the mark, however it is cut into pieces", () => {
    const pieces = fc.array(fc.constantFrom("\0", "m", "ma", "mark", "x", "\0mar", "k\0\0"), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(60)), (parts, cuts) => {
        const printed = parts.join("").replaceAll(MARK, "");
        fc.pre(!(printed + MARK).slice(0, -1).includes(MARK));
        const all = `${printed}${MARK}behind it`;
        const { add, text } = collect();
        const ends = [...new Set([0, ...cuts.map((cut) => Math.min(cut, all.length)), all.length])].sort(
          (a, b) => a - b,
        );
        for (const [index, end] of ends.entries()) add(all.slice(ends[index - 1] ?? 0, end));
        assert.equal(text(), printed);
      }),
    );
  });

  it("is passed on as it comes: only what may be the beginning of the mark waits", () => {
    const { add, text } = collect();
    add("one");
    assert.equal(text(), "one");
    add("two\0ma");
    assert.equal(text(), "onetwo");
    add("ny");
    assert.equal(text(), "onetwo\0many");
  });

  it("tells when the mark has come", async () => {
    const { output, add } = collect();
    let isMarked = false;
    const marked = output.marked.then(() => {
      isMarked = true;
    });
    add("x\0mark");
    await Promise.resolve();
    assert.equal(isMarked, false);
    add("\0");
    await marked;
  });

  it("that ends without a mark is passed on to its last byte", () => {
    const { output, add, text } = collect();
    add("the end\0mar");
    output.end();
    add("later");
    assert.equal(text(), "the end\0mar");
  });
});
