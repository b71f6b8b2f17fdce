/** What the library refuses is what the server refuses: the same faults, by both ways of mounting it. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { assertRefused } from "../support/contract.ts";
import { PLACES, withHeaders } from "../support/faults.ts";
import { delivery, pushOfSize, SECRET } from "../support/github.ts";
import { fetchWithoutBody, type Outgoing } from "../support/http.ts";
import { mount, recorder } from "../support/mounted.ts";

const mounted = await mount({ after });
const heard = recorder();
mounted.receiver.on("*", heard.listen);

/** The path is the mount's business. */
const places = PLACES.slice(1);

function head(): Outgoing {
  const { body, ...sent } = delivery();
  return withHeaders({ "content-length": body.length })(sent);
}

/** `fetch` is given requests whose headers the runtime has checked; these it would not hand on. */
const isForFetch = ({ code }: { code: string }) => code !== "body_too_large";

describe("receiver.node", () => {
  for (const { status, code, apply } of places.flat())
    it(`answers one fault with ${status} ${code} before a byte of the body has come`, async () => {
      assertRefused(await fetchWithoutBody(mounted.url, apply(head())), status, code);
    });

  it("answers the first of several faults, as they are mended", async () => {
    const faults = places.flatMap(([fault]) => fault ?? []);
    for (const [index, { status, code }] of faults.entries()) {
      const sent = faults.slice(index).reduceRight((all, { apply }) => apply(all), head());
      assertRefused(await fetchWithoutBody(mounted.url, sent), status, code);
    }
  });

  it("refuses a body of more than `maxBody` while it comes", async (t) => {
    const small = await mount(t, { maxBody: "1KiB" });
    const { headers, ...sent } = delivery({ body: pushOfSize(4_096) });
    assertRefused(
      await small.send({ ...sent, headers: { ...headers, "transfer-encoding": "chunked" } }),
      413,
      "body_too_large",
    );
  });

  it("says which method it takes, and when to try again", async () => {
    const answer = await mounted.send({ method: "GET" });
    assertRefused(answer, 405, "method_not_allowed");
    assert.equal(answer.headers.allow, "POST");
  });
});

describe("receiver.fetch", () => {
  for (const { status, code, apply } of places.flat().filter(isForFetch))
    it(`answers one fault with ${status} ${code}`, async () => {
      const { guid: _, ...sent } = delivery();
      const address = code === "sender_hidden" ? "127.0.0.1" : "::ffff:127.0.0.1";
      assertRefused(await mounted.fetch(apply(sent), address), status, code);
    });

  it("refuses a body of more than `maxBody` while it comes, or by its declared length", async (t) => {
    const small = await mount(t, { maxBody: 1_024 });
    const long = delivery({ body: pushOfSize(4_096) });
    assertRefused(await small.fetch(long), 413, "body_too_large");
    assertRefused(
      await small.fetch({ ...long, headers: { ...long.headers, "content-length": "4096" } }),
      413,
      "body_too_large",
    );
    assert.equal((await small.fetch(delivery({ body: pushOfSize(1_024) }))).status, 204);
  });

  it("refuses everybody while it is not known who connected, unless anybody may", async (t) => {
    const { guid: _, body, ...sent } = delivery();
    const request = () => new Request(mounted.url, { ...init(sent), body });
    const refused = await mounted.receiver.fetch(request());
    assert.equal(refused.status, 403);
    assert.match(await refused.text(), /address_not_allowed.*receiver\.fetch\(request, \{ address \}\)/);
    const open = await mount(t, { allowFrom: "any" });
    assert.equal((await open.receiver.fetch(request())).status, 204);
  });

  it("does not believe a forwarded address while it is not known who connected", async () => {
    const { body, ...sent } = delivery({ headers: { "x-forwarded-for": "140.82.112.1" } });
    const refused = await mounted.receiver.fetch(new Request(mounted.url, { ...init(sent), body }));
    assert.equal(refused.status, 403);
  });

  it("knows who connected by what Deno, Bun and Hono hand to their handlers", async () => {
    const { body, ...sent } = delivery();
    const connections = (address: string) => [
      { address },
      { remoteAddr: { hostname: address, port: 1, transport: "tcp" } },
      { requestIP: () => ({ address, port: 1, family: "IPv4" }), address: { address: "127.0.0.1" } },
      { incoming: { socket: { remoteAddress: address } }, outgoing: {} },
    ];
    for (const [address, status] of [
      ["140.82.112.7", 200],
      ["203.0.113.9", 403],
    ] as const)
      for (const connection of connections(address)) {
        const request = new Request(mounted.url, { ...init(sent), body });
        const answer = await mounted.receiver.fetch(request, connection);
        assert.equal(answer.status, status, JSON.stringify(connection));
      }
  });

  it("gives a listener the same as `node` does", async (t) => {
    const { receiver, ...both } = await mount(t);
    const { inputs, listen } = recorder();
    receiver.on("push", listen);
    const sent = delivery();
    const answers = [await both.send(sent), await both.fetch(sent)];
    assert.deepEqual(answers[0]?.json, answers[1]?.json);
    const [overNode, overFetch] = inputs.map(({ delivery: { receivedAt: _, ...more }, ...input }) => ({
      ...input,
      ...more,
    }));
    assert.deepEqual(overNode, overFetch);
  });
});

describe("a body", () => {
  for (const way of ["send", "fetch"] as const) {
    it(`is verified before it is read as JSON, by ${way}`, async () => {
      assertRefused(await mounted[way]({ body: "[", secret: `${SECRET}.` }), 403, "signature_mismatch");
      assertRefused(await mounted[way]({ body: "[" }), 400, "body_invalid");
    });

    it(`may be a form, by ${way}`, async () => {
      const before = heard.inputs.length;
      assert.equal((await mounted[way]({ form: true })).status, 200);
      assert.equal(heard.inputs.at(-1)?.delivery.ref, "refs/heads/main");
      assert.equal(heard.inputs.length, before + 1);
    });
  }
});

describe("onRefused", () => {
  it("is told the code, who it was and what they claimed, with what only the owner should read", async (t) => {
    const { send, refused } = await mount(t);
    await send({ headers: { "x-forwarded-for": "203.0.113.9" }, guid: "one" });
    const [one] = refused;
    assert.deepEqual(
      { code: one?.code, status: one?.status, address: one?.address, event: one?.event, guid: one?.guid },
      { code: "address_not_allowed", status: 403, address: "203.0.113.9", event: "push", guid: "one" },
    );
    assert.equal(one?.details.wouldAdmit, "allow-from: [203.0.113.9]");
  });

  it("does no harm when it throws", async (t) => {
    const mistake = new Error("mine");
    const { send, errors } = await mount(t, {
      onRefused: () => {
        throw mistake;
      },
    });
    assertRefused(await send({ secret: "another" }), 403, "signature_mismatch");
    assert.deepEqual(errors, [mistake]);
  });
});

describe("the secrets", () => {
  it("count all while one replaces another", async (t) => {
    const { send } = await mount(t, { secrets: ["the new one of them", SECRET] });
    assert.equal((await send()).status, 204);
    assert.equal((await send({ secret: "the new one of them" })).status, 204);
    assertRefused(await send({ secret: "" }), 403, "signature_mismatch");
  });

  it("are asked for with every request where a function gives them, and nobody gets in while it gives none", async (t) => {
    let secret: string | undefined;
    const { send, errors } = await mount(t, { secrets: () => secret });
    assertRefused(await send(), 503, "store_unavailable");
    assert.match(String(errors[0]), /has no secret:\n.*missing or undefined/);
    secret = SECRET;
    assert.equal((await send()).status, 204);
    secret = "the new one of them";
    assertRefused(await send(), 403, "signature_mismatch");
  });

  it("may sign with SHA-1 only where that is allowed", async (t) => {
    const old = { headers: { "x-hub-signature-256": undefined } };
    assertRefused(await mounted.send(old), 501, "signature_unsupported");
    const lenient = await mount(t, { allowSha1: true });
    assert.equal((await lenient.send(old)).status, 204);
  });
});

function init({ headers }: Outgoing): RequestInit {
  return { method: "POST", headers: headers as Record<string, string> };
}
