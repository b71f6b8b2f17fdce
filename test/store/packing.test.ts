import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { acceptGroup } from "../../src/store/accept.ts";
import { readContents } from "../../src/store/deliveries.ts";
import { type Dictionary, type HeaderList, pack, unpack } from "../../src/store/packing.ts";
import { sample } from "../support/github.ts";
import { count, openTestStore } from "../support/store.ts";

/** As a server reads headers: characters of one byte. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
});
const headers = fc.array(fc.tuple(headerText, headerText), { maxLength: 5 });
const body = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }),
  fc.json().map((text) => Buffer.from(text)),
  fc.constantFrom(
    Buffer.alloc(0),
    Buffer.from("\n"),
    Buffer.from("\n[]\n{}"),
    Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x00]),
  ),
);
const HEADERS: HeaderList = [["content-type", "application/json"]];

describe("packing", () => {
  it("gives back every byte of the body and every header in order", async (t) => {
    const { dictionary } = await openTestStore(t);
    fc.assert(
      fc.property(fc.array(fc.tuple(headers, body), { minLength: 1, maxLength: 5 }), (contents) => {
        const packed = pack(
          dictionary,
          contents.map(([list, bytes]) => ({ headers: list, body: bytes })),
        );
        assert.equal(packed.dictionary, dictionary.id);
        for (const [index, [list, bytes]] of contents.entries()) {
          const back = unpack(dictionary, packed.bytes, index);
          assert.deepEqual(back.headers, list);
          assert.deepEqual(Buffer.from(back.body), Buffer.from(bytes));
        }
      }),
    );
  });

  it("gives back every byte of many, which are packed without the dictionary", async (t) => {
    const { dictionary } = await openTestStore(t);
    const bodies = Array.from({ length: 16 }, (_, index) =>
      Buffer.from(JSON.stringify({ ...sample("push"), after: String(index).repeat(20) })),
    );
    const packed = pack(
      dictionary,
      bodies.map((one) => ({ headers: HEADERS, body: one })),
    );
    assert.notEqual(packed.dictionary, dictionary.id);
    const none = { id: packed.dictionary, bytes: Buffer.alloc(0) };
    for (const [index, one] of bodies.entries())
      assert.deepEqual(unpack(none, packed.bytes, index), { headers: HEADERS, body: one });
  });

  it("makes little of a push", async (t) => {
    const { dictionary } = await openTestStore(t);
    const bytes = Buffer.from(JSON.stringify({ ...sample("push"), after: "0123456789abcdef".repeat(2) }));
    assert.ok(bytes.length > 5_000);
    const { length } = packOne(dictionary, bytes);
    assert.ok(length < bytes.length / 8, `${bytes.length} bytes became ${length}`);
  });

  it("makes less of several that go together", async (t) => {
    const { dictionary } = await openTestStore(t);
    const bodies = ["1", "2", "3", "4"].map((digit) =>
      Buffer.from(JSON.stringify({ ...sample("push"), after: digit.repeat(40) })),
    );
    const alone = bodies.reduce((sum, one) => sum + packOne(dictionary, one).length, 0);
    const together = pack(
      dictionary,
      bodies.map((one) => ({ headers: HEADERS, body: one })),
    ).bytes.length;
    assert.ok(together < alone / 2, `${alone} bytes became ${together}`);
  });

  it("has nothing at a place that there is not", async (t) => {
    const { dictionary } = await openTestStore(t);
    const bytes = packOne(dictionary, Buffer.from("{}"));
    assert.throws(() => unpack(dictionary, bytes, 1), RangeError);
  });

  it("notices any damage: what is read is what was written or an error", async (t) => {
    const { dictionary } = await openTestStore(t);
    const text = Buffer.from(JSON.stringify(sample("issues")));
    const bytes = packOne(dictionary, text);
    let noticed = 0;
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        const read = readOrFail(dictionary, damaged);
        if (read === undefined) noticed++;
        else assert.deepEqual([read.headers, Buffer.from(read.body)], [HEADERS, text]);
      }),
      { numRuns: 2_000 },
    );
    assert.ok(noticed > 1_900, `only ${noticed} of 2,000 were noticed`);
  });

  it("notices a missing end", async (t) => {
    const { dictionary } = await openTestStore(t);
    const bytes = packOne(dictionary, Buffer.from("text ".repeat(100)));
    // The last four bytes are the checksum: without it all the rest may still be read, as it was written.
    for (let length = 0; length < bytes.length - 4; length++) {
      assert.equal(readOrFail(dictionary, bytes.subarray(0, length)), undefined, `${length} bytes`);
    }
  });

  it("notices the wrong dictionary", async (t) => {
    const { dictionary } = await openTestStore(t);
    const bytes = packOne(dictionary, Buffer.from(JSON.stringify(sample("push"))));
    const wrong = Buffer.from(dictionary.bytes).reverse();
    assert.throws(() => unpack({ id: 2, bytes: wrong }, bytes, 0));
  });
});

describe("the pack of a group", () => {
  it("is one for all that came together, and none for what had come before", async (t) => {
    const store = await openTestStore(t);
    const shared = pack(store.dictionary, [
      { headers: HEADERS, body: Buffer.from("first") },
      { headers: [], body: Buffer.from("second") },
    ]);
    const both = [0, 1].map((packIndex) => store.arrival({ pack: shared, packIndex }));
    const ids = (await acceptGroup(store.db, both)).map(({ delivery }) => delivery);
    await acceptGroup(store.db, both);

    assert.equal(await count(store.db, "packs"), 1);
    const bodies = ids.map(async (id) => (await readContents(store.db, id))?.body.toString());
    assert.deepEqual(await Promise.all(bodies), ["first", "second"]);
  });
});

function packOne(dictionary: Dictionary, bytes: Uint8Array): Uint8Array {
  return pack(dictionary, [{ headers: HEADERS, body: bytes }]).bytes;
}

function readOrFail(dictionary: Dictionary, bytes: Uint8Array) {
  try {
    return unpack(dictionary, bytes, 0);
  } catch {
    return undefined;
  }
}
