/** Apps whose parsers have read the body before the receiver: with the bytes all is well, without them it says what to do. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, it } from "node:test";
import express from "express";
import type { Receiver } from "../../src/index.ts";
import { assertRefused } from "../support/contract.ts";
import { delivery } from "../support/github.ts";
import { mount, recorder } from "../support/mounted.ts";

type Parsed = IncomingMessage & { body?: unknown; rawBody?: unknown; query?: object; cookies?: object };

/** An app that reads the whole body, and leaves what `keep` makes of it on the request. */
const parsing =
  (keep: (bytes: Buffer) => Partial<Parsed>) =>
  ({ node }: Receiver) =>
  async (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    await node(Object.assign(request, keep(Buffer.concat(pieces))), response);
  };

const spaced = '{\n  "ref": "refs/heads/main",\n  "note": "é"\n}';

describe("a body that a parser has read", () => {
  const kept: Record<string, (bytes: Buffer) => Partial<Parsed>> = {
    "in `rawBody` as bytes": (bytes) => ({ rawBody: bytes, body: JSON.parse(bytes.toString()) }),
    "in `rawBody` as text": (bytes) => ({ rawBody: bytes.toString() }),
    "in `body` as bytes": (bytes) => ({ body: bytes }),
    "in `body` as another kind of bytes": (bytes) => ({ body: new Uint8Array(bytes) }),
    "in `body` as text": (bytes) => ({ body: bytes.toString() }),
  };
  for (const [where, keep] of Object.entries(kept))
    it(`is verified when its bytes are there: ${where}`, async (t) => {
      const { send, receiver } = await mount(t, {}, parsing(keep));
      const { inputs, listen } = recorder();
      receiver.on("push", listen);
      assert.equal((await send({ body: spaced })).status, 200);
      assert.deepEqual(inputs[0]?.payload, JSON.parse(spaced));
      assertRefused(await send({ body: spaced, secret: "another" }), 403, "signature_mismatch");
    });

  it("is held to `maxBody` all the same", async (t) => {
    const { send } = await mount(
      t,
      { maxBody: 10 },
      parsing((rawBody) => ({ rawBody })),
    );
    const { headers, ...sent } = delivery();
    assertRefused(
      await send({ ...sent, headers: { ...headers, "transfer-encoding": "chunked" } }),
      413,
      "body_too_large",
    );
  });

  it("is refused when only the parsed JSON is left, also where writing it down again would give the same bytes", async (t) => {
    const { send, receiver, errors } = await mount(
      t,
      {},
      parsing((bytes) => ({ body: JSON.parse(bytes.toString()) })),
    );
    const { inputs, listen } = recorder();
    receiver.on("push", listen);
    const answer = await send({ body: { ref: "refs/heads/main" } });
    assertRefused(answer, 500, "body_already_read");
    for (const name of ["Express: ", "Next.js, pages: ", "Fastify: ", "Koa: ", "Elsewhere: "])
      assert.ok(answer.text.includes(name), name);
    assert.equal(inputs.length, 0);
    assert.match(String(errors[0]), /a signature is over the bytes as they came/);
  });

  it("is not asked for before the sender is known", async (t) => {
    const { send } = await mount(
      t,
      {},
      parsing(() => ({})),
    );
    assertRefused(await send({ headers: { "x-forwarded-for": "203.0.113.9" } }), 403, "address_not_allowed");
  });

  it("is told about in the words of Next.js where it is that", async (t) => {
    const { send } = await mount(
      t,
      {},
      parsing((bytes) => ({ body: JSON.parse(bytes.toString()), query: {}, cookies: {} })),
    );
    const { text } = await send();
    assert.ok(text.includes("bodyParser: false") && !text.includes("Express"), text);
  });

  it("is refused by fetch, with what to do, when it has been read", async (t) => {
    const { receiver } = await mount(t);
    const { headers, body } = delivery();
    const request = new Request("http://app.example/github", {
      method: "POST",
      headers: headers as Record<string, string>,
      body,
    });
    await request.json();
    const answer = await receiver.fetch(request, { address: "127.0.0.1" });
    assert.equal(answer.status, 500);
    assert.match(await answer.text(), /body_already_read.*request\.clone\(\)/);
  });
});

describe("Express", () => {
  const app =
    (...before: express.Handler[]) =>
    ({ node }: Receiver) => {
      const whole = express();
      for (const handler of before) whole.use(handler);
      return whole.use("/", node);
    };

  it("needs nothing when the receiver comes before the parsers", async (t) => {
    const { send } = await mount(t, {}, app());
    assert.equal((await send()).status, 204);
  });

  it("is told what to change when `express.json()` comes first, and each of the three ways works", async (t) => {
    const wrong = await mount(t, {}, app(express.json()));
    const { text } = await wrong.send();
    const told = /Express: mount the receiver before .*express\.raw\(\{ type: '\*\/\*' \}\).*verify: /;
    assert.match(text, told);
    assert.ok(!text.includes("Fastify"));
    const raw = await mount(t, {}, app(express.raw({ type: "*/*" })));
    assert.equal((await raw.send()).status, 204);
    const verify = (request: Parsed, _: unknown, bytes: Buffer) => {
      request.rawBody = bytes;
    };
    const kept = await mount(t, {}, app(express.json({ limit: "25mb", verify })));
    assert.equal((await kept.send()).status, 204);
  });

  it("reads a form itself, which `express.json()` leaves alone", async (t) => {
    const { send } = await mount(t, {}, app(express.json()));
    assert.equal((await send({ form: true })).status, 204);
  });
});
