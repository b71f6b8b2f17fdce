import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { assertRefused, storedDeliveries } from "../support/contract.ts";
import { type DeliveryOptions, delivery, sample } from "../support/github.ts";
import { startReceiver } from "../support/receiver.ts";

const receiver = await startReceiver({ after });

/** Sends a delivery with this header and returns what is stored of it. */
async function sendWith(name: string, value: string | string[] | undefined, options: DeliveryOptions = {}) {
  const answer = await receiver.send({ ...options, headers: { [name]: value } });
  const stored = (await storedDeliveries(receiver)).at(-1);
  return { answer, stored };
}

const LONG = "a".repeat(64);

describe("the event", () => {
  for (const event of ["push", "a", "workflow_job", "event_2", LONG]) {
    it(`is stored: ${event}`, async () => {
      const { answer, stored } = await sendWith("x-github-event", event);
      assert.ok(answer.status === 202 || answer.status === 204);
      assert.equal(stored?.event, event);
    });
  }

  const others: (string | string[] | undefined)[] = [
    undefined,
    "",
    "Push",
    "push ".repeat(2),
    "pull-request",
    "push.",
    "/bin/sh",
    "../push",
    "*",
    "pußh",
    `${LONG}a`,
    ["push", "push"],
  ];
  for (const event of others) {
    it(`is refused where it is not of its form: ${JSON.stringify(event)}`, async () => {
      const { answer } = await sendWith("x-github-event", event);
      assertRefused(answer, 400, "header_invalid");
      assert.match(answer.text, /X-GitHub-Event/);
    });
  }
});

describe("the delivery's GUID", () => {
  for (const guid of ["72d3162e-cc78-11e3-81ab-4c9367dc0958", "A-1", "0", "-", LONG]) {
    it(`is stored: ${guid}`, async () => {
      const { stored } = await sendWith("x-github-delivery", guid);
      assert.equal(stored?.guid, guid);
    });
  }

  const others: (string | string[] | undefined)[] = [
    undefined,
    "",
    "{72d3162e}",
    "72d3162e_cc78",
    "a b",
    "a/b",
    "ä",
    `${LONG}a`,
    "a".repeat(8_000),
    ["72d3162e", "72d3162e"],
  ];
  for (const guid of others) {
    it(`is refused where it is not of its form (story 34): ${JSON.stringify(guid)?.slice(0, 80)}`, async () => {
      const { answer } = await sendWith("x-github-delivery", guid);
      assertRefused(answer, 400, "header_invalid");
      assert.match(answer.text, /X-GitHub-Delivery/);
    });
  }
});

describe("the webhook's id", () => {
  const good: [sent: string | undefined, stored: number | null][] = [
    ["1", 1],
    ["292430182", 292430182],
    ["9007199254740991", 9007199254740991],
    [undefined, null],
  ];
  for (const [sent, id] of good) {
    it(`is stored: ${sent}`, async () => {
      const { stored } = await sendWith("x-github-hook-id", sent);
      assert.equal(stored?.webhookId, id);
    });
  }

  const others = [
    "",
    "abc",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "+1",
    "9007199254740993",
    "1".repeat(17),
    ["1", "1"],
  ];
  for (const id of others) {
    it(`is refused where it is not of its form: ${JSON.stringify(id)}`, async () => {
      const { answer } = await sendWith("x-github-hook-id", id);
      assertRefused(answer, 400, "header_invalid");
      assert.match(answer.text, /X-GitHub-Hook-ID/);
    });
  }
});

describe("the content type", () => {
  for (const type of [
    "application/json",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    "Application/JSON",
  ]) {
    it(`is good: ${type}`, async () => {
      assert.equal((await sendWith("content-type", type)).answer.status, 202);
    });
  }

  for (const type of [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded;charset=utf-8",
  ]) {
    it(`is good: ${type}`, async () => {
      assert.equal((await sendWith("content-type", type, { form: true })).answer.status, 202);
    });
  }

  for (const type of [
    undefined,
    "",
    "text/plain",
    "text/json",
    "application/jsonp",
    "application/vnd.github+json",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "application/json, text/plain",
  ]) {
    it(`is refused: ${JSON.stringify(type)}`, async () => {
      assertRefused((await sendWith("content-type", type)).answer, 415, "unsupported_media_type");
    });
  }
});

describe("the content encoding", () => {
  for (const encoding of ["identity", "Identity"]) {
    it(`is good: ${encoding}`, async () => {
      assert.equal((await sendWith("content-encoding", encoding)).answer.status, 202);
    });
  }

  for (const encoding of ["gzip", "br", "deflate", "zstd", "identity, gzip", ["identity", "gzip"]]) {
    it(`is refused: ${JSON.stringify(encoding)}`, async () => {
      assertRefused((await sendWith("content-encoding", encoding)).answer, 415, "unsupported_media_type");
    });
  }
});

describe("the names of headers", () => {
  const spellings: [what: string, spell: (name: string) => string][] = [
    ["in lower case", (name) => name.toLowerCase()],
    ["in upper case", (name) => name.toUpperCase()],
    ["as some proxies write them", (name) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())],
  ];
  for (const [what, spell] of spellings) {
    it(`are the same ${what} (story 37)`, async () => {
      const sent = delivery();
      const headers = Object.fromEntries(
        Object.entries(sent.headers ?? {}).map(([name, value]) => [spell(name), value]),
      );
      assert.equal((await receiver.send({ ...sent, headers })).status, 202);
    });
  }
});

describe("a ping", () => {
  const bodies: [what: string, body: object][] = [
    ["as GitHub sends it", sample("ping")],
    [
      "without a repository and an installation (story 37)",
      { zen: "Anything added dilutes everything else." },
    ],
    ["of nothing at all (story 37)", {}],
  ];
  for (const [what, body] of bodies) {
    it(`is answered with pong, and stored: ${what}`, async () => {
      const sent = delivery({ event: "ping", body });
      const { status, text, headers } = await receiver.send(sent);
      assert.deepEqual({ status, text }, { status: 200, text: "pong" });
      assert.match(String(headers["content-type"]), /^text\/plain/);
      const stored = (await storedDeliveries(receiver)).at(-1);
      assert.deepEqual({ guid: stored?.guid, event: stored?.event }, { guid: sent.guid, event: "ping" });
    });
  }
});
