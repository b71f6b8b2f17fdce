import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClientFinder } from "../../src/receive/client.ts";
import { Rejection } from "../../src/receive/rejection.ts";
import { requestFrom } from "../support/socket.ts";

/** What every row has unless it says otherwise. */
const USUAL = { peer: "127.0.0.1", trust: ["loopback"], hops: 1 };

interface Row {
  what: string;
  peer?: string | undefined;
  trust?: string[];
  hops?: number;
  forwarded?: string | undefined;
  /** The address that is found, or `refused`. */
  is: string;
}

const ROWS: Row[] = [
  // Nobody in between, or nobody that is trusted.
  { what: "a direct sender", peer: "140.82.112.1", is: "140.82.112.1" },
  { what: "a direct sender in IPv6", peer: "2a0a:a440::1", is: "2a0a:a440::1" },
  { what: "a direct sender in mapped IPv6 (story 16)", peer: "::ffff:140.82.112.1", is: "140.82.112.1" },
  { what: "the same in hex (story 16)", peer: "::ffff:8c52:7001", is: "140.82.112.1" },
  { what: "a direct sender on this machine", is: "127.0.0.1" },
  { what: "a socket file", peer: undefined, is: "127.0.0.1" },
  {
    what: "a stranger who spoofs (story 14)",
    peer: "203.0.113.9",
    forwarded: "140.82.112.1",
    is: "203.0.113.9",
  },
  {
    what: "a stranger who writes garbage (story 15)",
    peer: "203.0.113.9",
    forwarded: "\u00ff,,",
    is: "203.0.113.9",
  },
  { what: "loopback where nobody is trusted", trust: [], forwarded: "140.82.112.1", is: "127.0.0.1" },

  // One proxy.
  { what: "a proxy on this machine", forwarded: "140.82.112.1", is: "140.82.112.1" },
  { what: "a proxy on this machine in IPv6", peer: "::1", forwarded: "140.82.112.1", is: "140.82.112.1" },
  {
    what: "a proxy on this machine in mapped IPv6",
    peer: "::ffff:127.0.0.1",
    forwarded: "140.82.112.1",
    is: "140.82.112.1",
  },
  { what: "a proxy at a socket file", peer: undefined, forwarded: "140.82.112.1", is: "140.82.112.1" },
  {
    what: "a proxy in a trusted range",
    peer: "10.1.2.3",
    trust: ["10.0.0.0/8"],
    forwarded: "140.82.112.1",
    is: "140.82.112.1",
  },
  {
    what: "a proxy by one of the names",
    peer: "192.168.1.2",
    trust: ["uniquelocal"],
    forwarded: "140.82.112.1",
    is: "140.82.112.1",
  },
  {
    what: "a proxy outside of the range",
    peer: "11.1.2.3",
    trust: ["10.0.0.0/8"],
    forwarded: "140.82.112.1",
    is: "11.1.2.3",
  },
  {
    what: "a proxy with a single trusted IPv6 address",
    peer: "2001:db8::1",
    trust: ["2001:db8::1"],
    forwarded: "140.82.112.1",
    is: "140.82.112.1",
  },
  {
    what: "that one's neighbour (story 17)",
    peer: "2001:db8::2",
    trust: ["2001:db8::1"],
    forwarded: "140.82.112.1",
    is: "2001:db8::2",
  },
  { what: "a proxy that names IPv6", forwarded: "2A0A:A440:0::1", is: "2a0a:a440::1" },
  { what: "a proxy that names mapped IPv6 (story 16)", forwarded: "::ffff:140.82.112.1", is: "140.82.112.1" },
  { what: "a proxy that names it in hex (story 16)", forwarded: "::ffff:8c52:7001", is: "140.82.112.1" },
  {
    what: "a proxy that appends to a spoofed entry (story 14)",
    forwarded: "140.82.112.1, 203.0.113.9",
    is: "203.0.113.9",
  },
  { what: "the same without a space (story 14)", forwarded: "140.82.112.1,203.0.113.9", is: "203.0.113.9" },
  {
    what: "a proxy that appends an inner address (story 14)",
    forwarded: "140.82.112.1, 10.0.0.1",
    is: "10.0.0.1",
  },
  { what: "a proxy that names itself", forwarded: "127.0.0.1", is: "127.0.0.1" },
  {
    what: "one hop, though the next entry is trusted too",
    forwarded: "140.82.112.1, 127.0.0.1",
    is: "127.0.0.1",
  },

  // Two proxies and more.
  {
    what: "two proxies",
    trust: ["loopback", "10.0.0.1"],
    hops: 2,
    forwarded: "140.82.112.1, 10.0.0.1",
    is: "140.82.112.1",
  },
  {
    what: "two proxies behind a spoofed entry (story 14)",
    trust: ["loopback", "10.0.0.1"],
    hops: 2,
    forwarded: "140.82.112.1, 203.0.113.9, 10.0.0.1",
    is: "203.0.113.9",
  },
  {
    what: "two hops, but the second is a stranger (story 14)",
    hops: 2,
    forwarded: "140.82.112.1, 203.0.113.9",
    is: "203.0.113.9",
  },
  {
    what: "three proxies and two hops",
    trust: ["loopback", "10.0.0.0/8"],
    hops: 2,
    forwarded: "140.82.112.1, 10.0.0.2, 10.0.0.1",
    is: "10.0.0.2",
  },
  {
    what: "three proxies and three hops",
    trust: ["loopback", "10.0.0.0/8"],
    hops: 3,
    forwarded: "140.82.112.1, 10.0.0.2, 10.0.0.1",
    is: "140.82.112.1",
  },
  {
    what: "only proxies",
    trust: ["loopback", "10.0.0.0/8"],
    hops: 9,
    forwarded: "10.0.0.2, 10.0.0.1",
    is: "10.0.0.2",
  },

  // What a proxy says, but nobody understands.
  { what: "nothing (stories 14, 15)", forwarded: "", is: "refused" },
  { what: "a space", forwarded: " ", is: "refused" },
  { what: "a comma", forwarded: ",", is: "refused" },
  { what: "a comma at the end (story 14)", forwarded: "140.82.112.1,", is: "refused" },
  { what: "a comma at the beginning", forwarded: ",140.82.112.1", is: "refused" },
  { what: "two commas", forwarded: "140.82.112.1,,140.82.112.2", is: "refused" },
  { what: "unknown (story 14)", forwarded: "unknown", is: "refused" },
  { what: "unknown, then an address", forwarded: "unknown, 140.82.112.1", is: "refused" },
  { what: "an address, then unknown", forwarded: "140.82.112.1, unknown", is: "refused" },
  { what: "a port (story 14)", forwarded: "140.82.112.1:4711", is: "refused" },
  { what: "brackets (story 14)", forwarded: "[2a0a:a440::1]", is: "refused" },
  { what: "brackets and a port", forwarded: "[2a0a:a440::1]:4711", is: "refused" },
  { what: "a name", forwarded: "hooks.github.com", is: "refused" },
  { what: "a range", forwarded: "140.82.112.0/20", is: "refused" },
  { what: "an address in other notations", forwarded: "0x8c.82.112.1", is: "refused" },
  { what: "an address with a zero before it", forwarded: "140.082.112.1", is: "refused" },
  { what: "quotes", forwarded: '"140.82.112.1"', is: "refused" },
  { what: "what belongs into Forwarded", forwarded: "for=140.82.112.1", is: "refused" },
  { what: "garbage (story 15)", forwarded: "\u00ff\u00fe<script>", is: "refused" },
  { what: "a thousand commas", forwarded: ",".repeat(1_000), is: "refused" },
];

function find(row: Row): string {
  const { peer, trust, hops, forwarded } = { ...USUAL, ...row };
  const finder = new ClientFinder({ proxies: trust, isExplicit: false, hops });
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  try {
    return finder.find(requestFrom(peer, headers)).address;
  } catch (error) {
    assert.ok(error instanceof Rejection, String(error));
    assert.equal(error.code, "address_not_allowed");
    return "refused";
  }
}

describe("the address of the client", () => {
  for (const row of ROWS) {
    it(`is ${row.is} for ${row.what}`, () => assert.equal(find(row), row.is));
  }

  it("comes with who connected, and whether that one spoke for another", () => {
    const finder = new ClientFinder({ proxies: ["loopback"], isExplicit: false, hops: 1 });
    const forwarded = { "x-forwarded-for": "140.82.112.1" };
    assert.deepEqual(finder.find(requestFrom("127.0.0.1", forwarded)), {
      address: "140.82.112.1",
      peer: "127.0.0.1",
      isForwarded: true,
    });
    assert.deepEqual(finder.find(requestFrom("203.0.113.9", forwarded)), {
      address: "203.0.113.9",
      peer: "203.0.113.9",
      isForwarded: false,
    });
  });
});
