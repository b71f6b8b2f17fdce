import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { whyDenied } from "../../../src/run/forward/addresses.ts";

const NEVER = (address: string, kind: string) =>
  `${address} is ${kind} address: nothing is forwarded to one, whatever the settings say`;
const PRIVATE = (address: string, kind = "a private") =>
  `${address} is ${kind} address, and the settings say \`forward.allow-private: false\``;

/** An IPv4 address in all the IPv6 addresses that lead to it. */
function carriersOf(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
  const pair = `${hex(a, b)}:${hex(c, d)}`;
  return [
    `::ffff:${address}`,
    `::ffff:${pair}`,
    `0:0:0:0:0:FFFF:${pair}`,
    `::ffff:0:${pair}`,
    `64:ff9b::${pair}`,
    `64:ff9b:1::${pair}`,
    `64:ff9b:1:${hex(a, b)}:${hex(0, c)}:${hex(d, 0)}::`,
    `2002:${pair}::1`,
    `::${pair}`,
  ];
}

const byte = fc.nat(255);
const linkLocal = fc.tuple(byte, byte).map(([c, d]) => `169.254.${c}.${d}`);
const privateAddress = fc.oneof(
  fc.tuple(byte, byte, byte).map(([b, c, d]) => `10.${b}.${c}.${d}`),
  fc.tuple(fc.integer({ min: 16, max: 31 }), byte, byte).map(([b, c, d]) => `172.${b}.${c}.${d}`),
  fc.tuple(byte, byte).map(([c, d]) => `192.168.${c}.${d}`),
  fc.tuple(fc.integer({ min: 64, max: 127 }), byte, byte).map(([b, c, d]) => `100.${b}.${c}.${d}`),
);
const publicAddress = fc
  .tuple(fc.constantFrom(1, 8, 52, 140, 185, 203), byte, byte, byte)
  .map((parts) => parts.join("."))
  .filter((address) => !address.startsWith("203.0.113."));

describe("an address that a delivery is forwarded to", () => {
  for (const [address, kind] of [
    ["169.254.169.254", "a link-local"],
    ["fe80::1", "a link-local"],
    ["fe80::1%eth0", "a link-local"],
    ["febf::1", "a link-local"],
    ["fd00:ec2::254", "a cloud's metadata"],
    ["FD00:0EC2:0::0254", "a cloud's metadata"],
    ["fd20:ce::254", "a cloud's metadata"],
    ["0.0.0.0", "an unspecified"],
    ["0.1.2.3", "an unspecified"],
    ["::", "an unspecified"],
    ["224.0.0.1", "a multicast"],
    ["239.255.255.250", "a multicast"],
    ["ff02::1", "a multicast"],
    ["255.255.255.255", "a broadcast"],
  ] as const) {
    it(`is never ${address}, ${kind} one`, () => {
      const reason = whyDenied(address, { allowPrivate: true });
      assert.match(reason ?? "", new RegExp(`is ${kind} address: nothing is forwarded to one`));
      assert.equal(whyDenied(address, { allowPrivate: false }), reason);
    });
  }

  for (const [address, kind] of [
    ["127.0.0.1", "a loopback"],
    ["127.1.2.3", "a loopback"],
    ["::1", "a loopback"],
    ["10.0.0.1", "a private"],
    ["fd12::1", "a private"],
    ["100.100.100.100", "a private"],
    ["fec0::1", "a reserved"],
    ["192.0.2.1", "a reserved"],
    ["198.18.0.1", "a reserved"],
    ["240.0.0.1", "a reserved"],
    ["2001:db8::1", "a reserved"],
  ] as const) {
    it(`is ${address}, ${kind} one, unless the settings say no`, () => {
      assert.equal(whyDenied(address, { allowPrivate: true }), undefined);
      assert.equal(whyDenied(address, { allowPrivate: false }), PRIVATE(address, kind));
    });
  }

  it("may be any other", () => {
    for (const address of ["140.82.112.1", "1.1.1.1", "2606:50c0:8000::153", "64:ff9b::8.8.8.8"])
      assert.equal(whyDenied(address, { allowPrivate: false }), undefined, address);
  });

  it("is judged by the IPv4 address in it, however that is written (story 43)", () => {
    fc.assert(
      fc.property(linkLocal, (address) => {
        for (const carrier of carriersOf(address))
          assert.match(whyDenied(carrier, { allowPrivate: true }) ?? "", /link-local/, carrier);
      }),
    );
    fc.assert(
      fc.property(privateAddress, (address) => {
        for (const carrier of carriersOf(address)) {
          assert.equal(whyDenied(carrier, { allowPrivate: true }), undefined, carrier);
          assert.match(whyDenied(carrier, { allowPrivate: false }) ?? "", /a private address/, carrier);
        }
      }),
    );
    fc.assert(
      fc.property(publicAddress, (address) => {
        for (const carrier of carriersOf(address))
          assert.equal(whyDenied(carrier, { allowPrivate: false }), undefined, carrier);
      }),
    );
  });

  it("is named in its plain spelling", () => {
    assert.equal(
      whyDenied("::ffff:a9fe:a9fe", { allowPrivate: true }),
      NEVER("169.254.169.254", "a link-local"),
    );
  });

  it("is nothing else than an address", () => {
    assert.equal(whyDenied("localhost", { allowPrivate: true }), '"localhost" is no address');
  });
});
