import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GroupMemory } from "../../src/store/group-memory.ts";

const bytes = (text: string) => Buffer.from(text);
const text = (memory: GroupMemory, part: number, length: number) =>
  Buffer.from(memory.read(part).subarray(0, length)).toString();

describe("the memory of groups", () => {
  it("shows the other side what was written, body behind body, each group in a part of its own", () => {
    const ours = GroupMemory.of(2, 16);
    const theirs = new GroupMemory(ours.shared);
    const first = ours.write([bytes("one"), bytes("two")]);
    const second = ours.write([bytes("three")]);
    assert.deepEqual([text(theirs, first, 6), text(theirs, second, 5)], ["onetwo", "three"]);
  });

  it("gives a part again only after its release", () => {
    const memory = GroupMemory.of(1, 16);
    const part = memory.write([bytes("first")]);
    assert.throws(() => memory.write([bytes("second")]), /in use/);
    memory.release(part);
    assert.equal(memory.write([bytes("third")]), part);
    assert.equal(text(memory, part, 5), "third");
  });

  it("refuses what does not fit", () => {
    assert.throws(() => GroupMemory.of(1, 4).write([bytes("too long")]), RangeError);
  });
});
