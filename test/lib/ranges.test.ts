import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plainAddress, Ranges } from "../../src/lib/ranges.ts";

describe("Ranges", () => {
  const cases: [ranges: string[], inside: string[], outside: string[]][] = [
    [["140.82.112.0/20"], ["140.82.112.0", "140.82.127.255"], ["140.82.111.255", "140.82.128.0"]],
    [["140.82.112.7"], ["140.82.112.7"], ["140.82.112.6", "140.82.112.8"]],
    [["140.82.112.7/20"], ["140.82.112.0", "140.82.127.255"], ["140.82.128.0"]],
    [["0.0.0.0/0"], ["1.2.3.4", "255.255.255.255"], ["2606:50c0::1"]],
    [["2606:50c0::/32"], ["2606:50c0::1", "2606:50c0:ffff::1"], ["2606:50c1::1", "1.2.3.4"]],
    [["::/0"], ["2606:50c0::1"], []],
    [
      ["10.0.0.0/8", "2001:db8::/48"],
      ["10.9.9.9", "2001:db8::9"],
      ["11.0.0.1", "2001:db8:1::9"],
    ],
    [[], [], ["127.0.0.1", "::1"]],
  ];
  for (const [ranges, inside, outside] of cases) {
    it(`holds what is in [${ranges.join(", ")}] and nothing else`, () => {
      const set = new Ranges(ranges);
      for (const address of inside) assert.equal(set.has(address), true, address);
      for (const address of outside) assert.equal(set.has(address), false, address);
      assert.deepEqual(set.texts, ranges);
    });
  }

  it("takes an IPv6 address without a prefix for that one address (story 17)", () => {
    const set = new Ranges(["2001:db8::1"]);
    assert.equal(set.has("2001:db8::1"), true);
    for (const neighbour of ["2001:db8::2", "2001:db8::", "2001:db8:1::1", "2001:db9::1"]) {
      assert.equal(set.has(neighbour), false, neighbour);
    }
  });

  it("finds an IPv4 address in its mapped form, also in hex (story 16)", () => {
    const set = new Ranges(["140.82.112.0/20"]);
    for (const address of ["::ffff:140.82.112.1", "::ffff:8c52:7001"])
      assert.equal(set.has(address), true, address);
    for (const address of ["::ffff:140.82.128.1", "::ffff:8c52:8001"])
      assert.equal(set.has(address), false, address);
  });

  it("finds an IPv4 address in a range that is written in the mapped form", () => {
    const set = new Ranges(["::ffff:192.168.0.0/112"]);
    assert.equal(set.has("192.168.3.4"), true);
    assert.equal(set.has("192.169.0.1"), false);
  });

  it("holds nothing that is no address", () => {
    const set = new Ranges(["0.0.0.0/0", "::/0"]);
    for (const text of ["", "unknown", "localhost", "1.2.3.4:80", "[::1]"])
      assert.equal(set.has(text), false, text);
  });

  for (const text of [
    "",
    "github",
    "1.2.3",
    "1.2.3.4/33",
    "2001:db8::/129",
    "1.2.3.4/",
    "/8",
    "1.2.3.4/8/8",
    "1.2.3.4/-1",
  ]) {
    it(`is not made of "${text}"`, () => {
      assert.throws(() => new Ranges(["10.0.0.0/8", text]), TypeError);
    });
  }
});

describe("plainAddress", () => {
  const plain: [text: string, address: string][] = [
    ["140.82.112.1", "140.82.112.1"],
    ["::ffff:140.82.112.1", "140.82.112.1"],
    ["::FFFF:140.82.112.1", "140.82.112.1"],
    ["::ffff:8c52:7001", "140.82.112.1"],
    ["0:0:0:0:0:ffff:8c52:7001", "140.82.112.1"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["::1", "::1"],
    ["fe80::1%eth0", "fe80::1"],
  ];
  for (const [text, address] of plain) {
    it(`writes ${text} as ${address}`, () => assert.equal(plainAddress(text), address));
  }

  const others = [
    "",
    " ",
    "unknown",
    "localhost",
    "1.2.3.4:80",
    "[::1]",
    "[::1]:80",
    "1.2.3",
    "1.2.3.04",
    "0x7f.0.0.1",
    "2130706433",
    " 1.2.3.4",
    "1.2.3.4 ",
    "1.2.3.4,5.6.7.8",
    "1.2.3.4/8",
    "1.2.3.4%eth0",
    "_hidden",
  ];
  for (const text of others) {
    it(`takes "${text}" for no address`, () => assert.equal(plainAddress(text), undefined));
  }
});
