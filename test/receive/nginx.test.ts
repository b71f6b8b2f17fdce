import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { assertRefused, deliveryOf } from "../support/contract.ts";
import { delivery, FROM_GITHUB } from "../support/github.ts";
import { fetchRaw } from "../support/http.ts";
import { findNginx, startNginx } from "../support/nginx.ts";
import { type ReceiverOptions, startReceiver } from "../support/receiver.ts";

const AGENT = { "user-agent": "GitHub-Hookshot/044aadd" };
const SETS_THE_CLIENT = "proxy_set_header X-Forwarded-For $remote_addr;";
const APPENDS_THE_CLIENT = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
/** Whoever speaks to nginx in a test comes from here. */
const CLIENT_IS_GITHUB: ReceiverOptions = { github: ["127.0.0.1"], source: { allowFrom: ["github"] } };

const nginx = findNginx();

/** A receiver, and how to send to it through nginx; where there is no nginx, through the headers that it would send. */
async function behindNginx(t: TestContext, location: string, options: ReceiverOptions = {}) {
  const receiver = await startReceiver(t, options);
  if (nginx === undefined) {
    t.diagnostic("there is no nginx here: its headers are written by hand");
    return {
      receiver,
      send: (headers: Record<string, string>) => receiver.send({ headers: byHand(location, headers) }),
    };
  }
  const url = await startNginx(t, nginx, receiver.url, location);
  return { receiver, send: (headers: Record<string, string>) => fetchRaw(url, delivery({ headers })) };
}

function byHand(location: string, headers: Record<string, string>): Record<string, string> {
  const before = headers["x-forwarded-for"];
  if (location === SETS_THE_CLIENT) return { ...headers, "x-forwarded-for": "127.0.0.1" };
  if (location === APPENDS_THE_CLIENT)
    return { ...headers, "x-forwarded-for": before === undefined ? "127.0.0.1" : `${before}, 127.0.0.1` };
  return headers;
}

describe("nginx with nothing but proxy_pass", () => {
  it("is refused as hiding the sender, with the line that it lacks", async (t) => {
    const { send } = await behindNginx(t, "");
    const answer = await send(AGENT);
    assertRefused(answer, 403, "sender_hidden");
    assert.ok((answer.json as { error: { message: string } }).error.message.includes(SETS_THE_CLIENT));
  });
});

describe("nginx with the line that the refusal names", () => {
  it("lets GitHub in by its address", async (t) => {
    const { receiver, send } = await behindNginx(t, SETS_THE_CLIENT, CLIENT_IS_GITHUB);
    const answer = await send(AGENT);
    assert.equal(answer.status, 202, answer.text);
    assert.equal((await deliveryOf(receiver, answer)).client, "127.0.0.1");
  });

  it("lets nobody else in, whatever the sender says of itself (story 14)", async (t) => {
    const { receiver, send } = await behindNginx(t, SETS_THE_CLIENT);
    for (const headers of [AGENT, {}, FROM_GITHUB, { ...AGENT, ...FROM_GITHUB }])
      assertRefused(await send(headers), 403, "address_not_allowed");
    const { fields } = receiver.log.at(-1) ?? {};
    assert.deepEqual(
      { peer: fields?.peer, address: fields?.address },
      { peer: "127.0.0.1", address: "127.0.0.1" },
    );
  });
});

describe("nginx with its own way of appending", () => {
  it("lets GitHub in by its address, also when it brings an entry", async (t) => {
    const { send } = await behindNginx(t, APPENDS_THE_CLIENT, CLIENT_IS_GITHUB);
    assert.equal((await send(AGENT)).status, 202);
    assert.equal((await send({ ...AGENT, "x-forwarded-for": "203.0.113.9" })).status, 202);
  });

  it("lets nobody else in, whatever the sender says of itself (story 14)", async (t) => {
    const { send } = await behindNginx(t, APPENDS_THE_CLIENT);
    for (const headers of [AGENT, FROM_GITHUB, { ...AGENT, ...FROM_GITHUB }])
      assertRefused(await send(headers), 403, "address_not_allowed");
  });
});
