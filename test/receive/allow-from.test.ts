import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ranges } from "../../src/lib/ranges.ts";
import { AllowList, ClientFinder } from "../../src/receive/client.ts";
import { Rejection } from "../../src/receive/rejection.ts";
import { GITHUB_RANGES } from "../support/receiver.ts";
import { requestFrom } from "../support/socket.ts";

const github = new Ranges(GITHUB_RANGES);

describe("a sender", () => {
  const isKnown = (isExplicit: boolean, peer: string, forwarded?: string) => {
    const finder = new ClientFinder({ proxies: ["loopback"], isExplicit, hops: 1 });
    const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
    return finder.isKnown(finder.find(requestFrom(peer, headers)), github);
  };

  it("is known by the address of its own connection", () => {
    for (const isExplicit of [false, true]) {
      assert.equal(isKnown(isExplicit, "140.82.112.1"), true);
      assert.equal(isKnown(isExplicit, "::ffff:140.82.112.1"), true);
      assert.equal(isKnown(isExplicit, "203.0.113.9"), false);
      assert.equal(isKnown(isExplicit, "203.0.113.9", "140.82.112.1"), false);
      assert.equal(isKnown(isExplicit, "127.0.0.1"), false);
    }
  });

  it("is known by the word of a proxy only when the owner named the proxy", () => {
    assert.equal(isKnown(true, "127.0.0.1", "140.82.112.1"), true);
    assert.equal(isKnown(false, "127.0.0.1", "140.82.112.1"), false);
    assert.equal(isKnown(true, "127.0.0.1", "203.0.113.9"), false);
  });
});

describe("allow-from", () => {
  const finder = new ClientFinder({ proxies: ["loopback"], isExplicit: false, hops: 1 });
  const check = (allowFrom: string[], peer: string | undefined, headers: Record<string, string> = {}) => {
    const client = finder.find(requestFrom(peer, headers));
    try {
      new AllowList(allowFrom, github).check(client, headers);
      return "admitted";
    } catch (error) {
      return error instanceof Rejection ? error.code : error;
    }
  };
  const AGENT = { "user-agent": "GitHub-Hookshot/044aadd" };
  const refused = "address_not_allowed";

  const cases: [
    allowFrom: string[],
    peer: string | undefined,
    headers: Record<string, string>,
    is: string,
  ][] = [
    [["github"], "140.82.112.1", {}, "admitted"],
    [["github"], "::ffff:140.82.112.1", {}, "admitted"],
    [["github"], "::ffff:8c52:7001", {}, "admitted"],
    [["github"], "2a0a:a440::1", {}, "admitted"],
    [["github"], "203.0.113.9", AGENT, refused],
    [["github"], "127.0.0.1", {}, refused],
    [["github"], undefined, {}, refused],
    [["loopback"], "127.0.0.1", {}, "admitted"],
    [["loopback"], "127.8.8.8", {}, "admitted"],
    [["loopback"], "::1", {}, "admitted"],
    [["loopback"], "::ffff:127.0.0.1", {}, "admitted"],
    [["loopback"], undefined, {}, "admitted"],
    [["loopback"], "140.82.112.1", {}, refused],
    [["any"], "203.0.113.9", {}, "admitted"],
    [["any"], "127.0.0.1", AGENT, "admitted"],
    [["203.0.113.0/24"], "203.0.113.9", {}, "admitted"],
    [["203.0.113.0/24"], "::ffff:203.0.113.9", {}, "admitted"],
    [["203.0.113.0/24"], "203.0.114.9", {}, refused],
    [["2001:db8::1"], "2001:db8::1", {}, "admitted"],
    [["2001:db8::1"], "2001:db8::2", {}, refused],
    [["2001:db8::1"], "2001:db8:ffff::1", {}, refused],
    [["github", "203.0.113.9"], "203.0.113.9", {}, "admitted"],
    [["127.0.0.0/8"], "127.0.0.1", AGENT, "admitted"],
    [["github", "loopback"], "127.0.0.1", AGENT, "sender_hidden"],
    [["github", "loopback"], undefined, AGENT, "sender_hidden"],
    [["github"], "::1", AGENT, "sender_hidden"],
    [["github"], "127.0.0.1", { ...AGENT, via: "1.1 proxy" }, "sender_hidden"],
    [["github", "loopback"], "127.0.0.1", { "x-forwarded-for": "140.82.112.1" }, "admitted"],
    [["github", "loopback"], "127.0.0.1", { ...AGENT, "x-forwarded-for": "140.82.112.1" }, "admitted"],
    [["loopback"], "127.0.0.1", { "x-forwarded-for": "140.82.112.1" }, refused],
    // A proxy that has nothing better to say than its own address hides whom it speaks for.
    [["loopback"], "127.0.0.1", { "x-forwarded-for": "127.0.0.1" }, refused],
    [["loopback"], "127.0.0.1", { ...AGENT, "x-forwarded-for": "127.0.0.1" }, refused],
    [[], "140.82.112.1", {}, refused],
  ];
  for (const [allowFrom, peer, headers, is] of cases) {
    const from = [
      peer ?? "a socket file",
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    const stories =
      allowFrom[0] === "2001:db8::1" ? " (story 17)" : peer?.includes("ffff") ? " (story 16)" : "";
    it(`[${allowFrom.join(", ")}]: ${is} from ${from.join(", ")}${stories}`, () => {
      assert.equal(check(allowFrom, peer, headers), is);
    });
  }

  for (const name of ["forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto", "via"]) {
    it(`[loopback]: refused from 127.0.0.1 with ${name}, which tells of a proxy`, () => {
      assert.equal(check(["loopback"], "127.0.0.1", { [name]: "127.0.0.1" }), refused);
    });
  }

  it("is not made of anything but ranges and the three names", () => {
    assert.throws(() => new AllowList(["githib"], github), TypeError);
  });
});
