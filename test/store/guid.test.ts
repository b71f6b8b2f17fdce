import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeGuid, encodeGuid } from "../../src/store/guid.ts";

/** Everything that the receiver lets through as a GUID. */
const letters = [..."0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"];
const guid = fc.oneof(
  fc.uuid(),
  fc.uuid().map((text) => text.toUpperCase()),
  fc.uuid().map((text) => text.replaceAll("-", "")),
  fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 64 }),
);

/** A version 1 UUID as GitHub makes it, for a time in ticks of 100 ns. */
function version1(ticks: bigint): string {
  const hex = ticks.toString(16).padStart(15, "0");
  return `${hex.slice(7)}-${hex.slice(3, 7)}-1${hex.slice(0, 3)}-9c1a-0242ac120002`;
}

describe("encodeGuid", () => {
  it("loses nothing", () => {
    fc.assert(fc.property(guid, (text) => assert.equal(decodeGuid(encodeGuid(text)), text)));
  });

  it("gives different bytes for different GUIDs", () => {
    fc.assert(
      fc.property(guid, guid, (a, b) => {
        assert.equal(Buffer.compare(encodeGuid(a), encodeGuid(b)) === 0, a === b);
      }),
    );
  });

  it("tells spellings of one UUID apart, as GitHub's are always in lower case", () => {
    const spellings = [
      "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "72D3162E-CC78-11E3-81AB-4C9367DC0958",
      "72d3162ecc7811e381ab4c9367dc0958",
    ];
    assert.equal(new Set(spellings.map((text) => Buffer.from(encodeGuid(text)).toString("hex"))).size, 3);
  });

  it("needs 17 bytes for a UUID", () => {
    assert.equal(encodeGuid("72d3162e-cc78-11e3-81ab-4c9367dc0958").length, 17);
  });

  it("puts GitHub's GUIDs into the order of time", () => {
    const ticks = fc.bigInt({ min: 0n, max: 2n ** 60n - 1n });
    fc.assert(
      fc.property(ticks, ticks, (a, b) => {
        const order = Math.sign(Buffer.compare(encodeGuid(version1(a)), encodeGuid(version1(b))));
        assert.equal(order, a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});
