import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { AddressList } from "../../src/github/addresses.ts";
import { assertRefused, deliveryOf, storedDeliveries } from "../support/contract.ts";
import { delivery, FROM_GITHUB } from "../support/github.ts";
import { fetchRaw, talk } from "../support/http.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { temporaryFolder } from "../support/temporary.ts";

const AGENT = { "user-agent": "GitHub-Hookshot/044aadd" };

const receiver = await startReceiver({ after });

/** What the log says of the last refusal. */
function lastRefusal({ log }: TestReceiver) {
  const line = log.findLast(({ message }) => message.startsWith("refused"));
  assert.equal(line?.level, "warn");
  return line.fields;
}

describe("a delivery from GitHub's address through a proxy on this machine", () => {
  it("is taken in, and the address stored", async () => {
    const answer = await receiver.send({ headers: { ...AGENT, ...FROM_GITHUB } });
    assert.equal(answer.status, 202);
    assert.equal((await deliveryOf(receiver, answer)).client, "140.82.112.1");
  });

  it("is refused where the header comes twice and the last one is a stranger's (story 14)", async () => {
    const headers = { ...AGENT, "x-forwarded-for": ["140.82.112.1", "203.0.113.9"] };
    assertRefused(await receiver.send({ headers }), 403, "address_not_allowed");
    assert.equal(lastRefusal(receiver).address, "203.0.113.9");
  });

  it("is taken in where the header comes twice and the last one is GitHub's", async () => {
    const headers = { ...AGENT, "x-forwarded-for": ["203.0.113.9", "140.82.112.1"] };
    const answer = await receiver.send({ headers });
    assert.equal((await deliveryOf(receiver, answer)).client, "140.82.112.1");
  });

  for (const forwarded of ["", "garbage", "140.82.112.1,", "[2a0a:a440::1]", "140.82.112.1:443", "unknown"]) {
    it(`is refused where nobody understands the proxy (stories 14, 15): "${forwarded}"`, async () => {
      const headers = { ...AGENT, "x-forwarded-for": forwarded };
      const answer = await receiver.send({ headers });
      assertRefused(answer, 403, "address_not_allowed");
      assert.match(answer.text, /X-Forwarded-For/);
      assert.deepEqual(
        { peer: lastRefusal(receiver).peer, forwardedFor: lastRefusal(receiver).forwardedFor },
        { peer: "127.0.0.1", forwardedFor: forwarded },
      );
    });
  }
});

describe("GitHub's agent from this machine", () => {
  it("is refused as hidden by a proxy, with the line that the proxy lacks", async () => {
    const answer = await receiver.send({ headers: AGENT });
    assertRefused(answer, 403, "sender_hidden");
    assert.match(answer.text, /proxy_set_header X-Forwarded-For \$remote_addr;/);
    assert.equal(lastRefusal(receiver).peer, "127.0.0.1");
  });

  it("is not told apart by a name that only looks like it", async () => {
    const headers = { "user-agent": "curl/8 GitHub-Hookshot/044aadd" };
    assert.equal((await receiver.send({ headers })).status, 202);
  });
});

describe("a refused address", () => {
  it("is logged with who connected, what it brought, and the setting that would admit it", async () => {
    const headers = { "x-forwarded-for": "203.0.113.9", via: "1.1 edge" };
    const answer = await receiver.send({ headers });
    assertRefused(answer, 403, "address_not_allowed");
    const { peer, address, brought, wouldAdmit } = lastRefusal(receiver);
    assert.deepEqual(
      { peer, address, brought, wouldAdmit },
      {
        peer: "127.0.0.1",
        address: "203.0.113.9",
        brought: headers,
        wouldAdmit: "allow-from: [203.0.113.9]",
      },
    );
    assert.match(answer.text, /203\.0\.113\.9/);
    assert.match(answer.text, /allow-from/);
  });

  it("is told to trust its proxy where the proxy says whom it speaks for", async (t) => {
    const trustsNobody = await startReceiver(t, { trustProxy: ["10.0.0.1"] });
    assertRefused(await trustsNobody.send({ headers: FROM_GITHUB }), 403, "address_not_allowed");
    assert.equal(lastRefusal(trustsNobody).wouldAdmit, "trust-proxy: [127.0.0.1]");
    assert.deepEqual(lastRefusal(trustsNobody).brought, FROM_GITHUB);
  });

  it("is told what the proxy must send where the proxy says something else", async () => {
    assertRefused(
      await receiver.send({ headers: { "x-real-ip": "140.82.112.1" } }),
      403,
      "address_not_allowed",
    );
    assert.match(String(lastRefusal(receiver).wouldAdmit), /X-Forwarded-For/);
  });

  it("cannot write control characters into the log (story 42)", async () => {
    const head = [
      "POST /github HTTP/1.1",
      "Host: localhost",
      "Connection: close",
      "Via: 1.1 \x9b31mred",
      "X-Forwarded-For: \x9b2J",
      "Content-Length: 0",
    ].join("\r\n");
    const text = await talk(receiver.url, [Buffer.from(`${head}\r\n\r\n`, "latin1")]);
    assert.match(text, /^HTTP\/1\.1 403 /);
    assert.equal(lastRefusal(receiver).forwardedFor, "<U+009B>2J");
    assert.doesNotMatch(text + JSON.stringify(receiver.log), /[\u0080-\u009f]/);
  });
});

describe("allow-from", () => {
  it("holds each source apart", async (t) => {
    const two = await startReceiver(t, {
      source: { allowFrom: ["github"] },
      sources: [{ name: "forge", allowFrom: ["203.0.113.0/24"] }],
    });
    const from = (address: string, path: string) =>
      two.send({ path, headers: { "x-forwarded-for": address } });
    assert.equal((await from("140.82.112.1", "/github")).status, 202);
    assert.equal((await from("203.0.113.9", "/forge")).status, 202);
    assertRefused(await from("203.0.113.9", "/github"), 403, "address_not_allowed");
    assertRefused(await from("140.82.112.1", "/forge"), 403, "address_not_allowed");
    assertRefused(await two.send(), 403, "address_not_allowed");
    assert.equal((await storedDeliveries(two)).length, 2);
  });

  it("finds the client behind two proxies, where two hops are trusted", async (t) => {
    const two = await startReceiver(t, { trustProxy: ["loopback", "10.0.0.0/8"], trustProxyHops: 2 });
    const from = (forwarded: string) => two.send({ headers: { "x-forwarded-for": forwarded } });
    const answer = await from("140.82.112.1, 10.0.0.1");
    assert.equal((await deliveryOf(two, answer)).client, "140.82.112.1");
    assertRefused(await from("140.82.112.1, 203.0.113.9, 10.0.0.1"), 403, "address_not_allowed");
    assertRefused(await from("140.82.112.1, 10.0.0.2, 10.0.0.1"), 403, "address_not_allowed");
  });
});

describe("the list of GitHub's addresses", () => {
  it("admits by the last good answer, whatever comes after it (story 18)", async (t) => {
    const good = { status: 200, body: JSON.stringify({ hooks: ["198.51.100.0/24"] }) };
    let next = good;
    const api = createServer((_, response) => {
      response.writeHead(next.status, { "content-type": "application/json" }).end(next.body);
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    t.after(() => api.close());
    const list = new AddressList({
      apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
      file: join(temporaryFolder(t), "addresses.json"),
      log: { info() {}, warn() {} },
    });
    const behind = await startReceiver(t, { knownAddresses: list });
    const from = (address: string) =>
      fetchRaw(behind.url, delivery({ headers: { "x-forwarded-for": address } }));

    await list.refresh();
    assert.equal((await from("198.51.100.7")).status, 202);
    for (const bad of [
      { status: 500, body: "" },
      { status: 403, body: '{"message":"API rate limit exceeded"}' },
      { status: 200, body: '{"hooks":[]}' },
      { status: 200, body: '{"hooks":["198.51.100.0/24","0.0.0.0/999"]}' },
      { status: 200, body: "<html>" },
      { status: 200, body: "{}" },
    ]) {
      next = bad;
      await list.refresh();
      assert.equal((await from("198.51.100.7")).status, 202, bad.body);
      assertRefused(await from("198.51.101.7"), 403, "address_not_allowed");
    }

    next = { status: 200, body: JSON.stringify({ hooks: ["198.51.101.0/24"] }) };
    await list.refresh();
    assert.equal((await from("198.51.101.7")).status, 202);
    assertRefused(await from("198.51.100.7"), 403, "address_not_allowed");
  });
});
