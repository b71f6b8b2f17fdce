import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { loadSamples } from "../../src/github/samples.ts";
import { sign } from "../../src/lib/signature.ts";
import { ClientFinder } from "../../src/receive/client.ts";
import { readContentType, readDeliveryHeaders, readSignature } from "../../src/receive/headers.ts";
import { Rejection, STATUS_OF_CODE } from "../../src/receive/rejection.ts";
import { readContents } from "../../src/store/deliveries.ts";
import { storedDeliveries } from "../support/contract.ts";
import { delivery, SECRET } from "../support/github.ts";
import { fetchRaw } from "../support/http.ts";
import { pushHook, startReceiver } from "../support/receiver.ts";
import { requestFrom } from "../support/socket.ts";
import { startUpload } from "../support/upload.ts";

/** Hooks with every filter there is, so that every fact is looked at. */
const HOOKS = [...new Set(loadSamples().map(({ event }) => event))].map((event) =>
  pushHook(event, { on: [{ event, types: ["opened"], branches: ["main", "release/**", "!x"] }] }),
);
const receiver = await startReceiver({ after }, { hooks: HOOKS, source: { holdReplays: false } });

/** The program has not ended, nothing was swallowed, and the next delivery is taken in. */
async function assertWell(): Promise<void> {
  assert.ok([202, 204].includes((await receiver.send()).status));
  assert.deepEqual(
    receiver.log.filter(({ level }) => level === "error"),
    [],
  );
}

const latin1 = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1"));

describe("bytes that anybody may send", () => {
  /** Sends them, hangs up, and checks that each answer is one that the contract knows. */
  async function sendBytes(bytes: Uint8Array): Promise<string> {
    const upload = startUpload(receiver.url, bytes);
    upload.end();
    const text = await upload.answer;
    for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      assert.ok(status !== undefined && !["500", "502", "503"].includes(status), text);
    }
    assert.ok(text === "" || text.startsWith("HTTP/1.1 "), text);
    return text;
  }

  it("never stop the receiver (story 7)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), async (bytes) => {
        await sendBytes(bytes);
      }),
      { numRuns: 150 },
    );
    await assertWell();
  });

  it("never stop the receiver where they are a delivery with some of them changed (story 7)", async () => {
    const { headers = {}, body } = delivery();
    const lines = Object.entries({ host: "x", "content-length": body.length, ...headers });
    const whole = Buffer.from(
      `POST /github HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
    );
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(40), async (changes, cut) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        await sendBytes(bytes.subarray(0, bytes.length - cut));
      }),
      { numRuns: 250 },
    );
    await assertWell();
  });
});

describe("a request of any method, path and headers", () => {
  const methods = fc.constantFrom(
    "POST",
    "POST",
    "POST",
    "GET",
    "HEAD",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "PURGE",
  );
  const paths = fc.oneof(
    fc.constantFrom("/github", "/github", "/github/", "//github", "/healthz", "*"),
    fc.string({ maxLength: 40 }).map((text) => `/${encodeURI(text.toWellFormed())}`),
  );
  const names = fc.constantFrom(
    "x-github-event",
    "x-github-delivery",
    "x-github-hook-id",
    "x-hub-signature-256",
    "x-hub-signature",
    "content-type",
    "content-encoding",
    "user-agent",
    "x-forwarded-for",
    "via",
  );
  const values = fc.oneof(
    latin1(80).map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "")),
    fc.constantFrom("sha256=", "sha1=", "=", "push", "1", "application/json", "127.0.0.1", "a".repeat(65)),
    fc.ipV4(),
    fc.ipV6(),
  );

  it("gets an answer of the contract (stories 7, 39)", async () => {
    const codes = Object.entries(STATUS_OF_CODE);
    await fc.assert(
      fc.asyncProperty(
        methods,
        paths,
        fc.dictionary(names, values, { maxKeys: 6 }),
        fc.uint8Array({ maxLength: 200 }),
        async (method, path, changes, body) => {
          const sent = delivery({ body, headers: changes });
          const length = { "content-length": sent.body.length };
          const headers = { ...sent.headers, ...length };
          const answer = await fetchRaw(receiver.url, { method, path, headers, body: sent.body });
          if ([200, 202, 204].includes(answer.status) || method === "HEAD") return;
          const { error } = answer.json as { error: { code: string; message: string } };
          assert.ok(
            codes.some(([code, status]) => code === error.code && status === answer.status),
            answer.text,
          );
          assert.ok(!answer.text.includes(sign(SECRET, sent.body).slice(7)) && !answer.text.includes(SECRET));
          assert.notEqual(answer.status, 503);
        },
      ),
      { numRuns: 250 },
    );
    await assertWell();
  });
});

describe("a signed payload", () => {
  it("is stored byte for byte, whatever object it is, and refused where it is none (stories 38, 39)", async () => {
    const json = fc.oneof(
      fc.json({ stringUnit: "binary" }),
      fc
        .dictionary(
          fc.constantFrom(
            "action",
            "ref",
            "after",
            "repository",
            "sender",
            "deleted",
            "pull_request",
            "number",
          ),
          fc.jsonValue({ stringUnit: "binary" }),
        )
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(
        json,
        fc.boolean(),
        fc.constantFrom("push", "pull_request", "release", "unheard_of"),
        async (text, form, event) => {
          const value: unknown = JSON.parse(text);
          const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
          const sent = delivery({ body: text, form, event });
          const { status } = await fetchRaw(receiver.url, sent);
          if (!isObject) return assert.equal(status, 400);
          assert.ok(status === 202 || status === 204, `${status}`);
          const stored = (await storedDeliveries(receiver)).find(({ guid }) => guid === sent.guid);
          assert.deepEqual((await readContents(receiver.db, stored?.id ?? 0))?.body, sent.body);
        },
      ),
      { numRuns: 150 },
    );
    await assertWell();
  });

  it("is taken in with a value of any type in any place (story 39)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...loadSamples()),
        fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
        fc.oneof(
          fc.constantFrom(null, [], {}, true, 0, -1.5, 1e308, "", "\0", "\ud800"),
          fc.jsonValue({ maxDepth: 2 }),
        ),
        async ({ event, payload }, places, value) => {
          const body = structuredClone(payload);
          replaceAt(body, places, value);
          const { status, text } = await fetchRaw(receiver.url, delivery({ event, body }));
          assert.ok([200, 202, 204].includes(status), `${event}: ${status} ${text}`);
        },
      ),
      { numRuns: 250 },
    );
    await assertWell();
  });
});

/** Follows the places down, as far as there is something below, and puts the value there. */
function replaceAt(object: Record<string, unknown>, [place = 0, ...places]: number[], value: unknown): void {
  const keys = Object.keys(object);
  const key = keys[place % keys.length];
  if (key === undefined) return;
  const below = object[key];
  const isDeeper = typeof below === "object" && below !== null && Object.keys(below).length > 0;
  if (isDeeper && places.length > 0) replaceAt(below as Record<string, unknown>, places, value);
  else object[key] = value;
}

describe("headers of any text", () => {
  const text = fc.option(fc.oneof(latin1(100), fc.string({ unit: "binary" })), { nil: undefined });

  it("are understood or rejected, and nothing else (stories 7, 39)", () => {
    const readers = [
      readDeliveryHeaders,
      readContentType,
      (headers: IncomingHttpHeaders) => readSignature(headers, true),
    ];
    const names = [
      "x-github-event",
      "x-github-delivery",
      "x-github-hook-id",
      "content-type",
      "content-encoding",
      "x-hub-signature-256",
      "x-hub-signature",
    ];
    fc.assert(
      fc.property(fc.array(text, { minLength: names.length, maxLength: names.length }), (values) => {
        const headers = Object.fromEntries(names.map((name, index) => [name, values[index]]));
        for (const reader of readers) assertRejectsOnly(() => reader(headers));
      }),
      { numRuns: 2_000 },
    );
  });

  it("name as client nobody but the peer or an address that stands in them (stories 14, 15)", () => {
    const finder = new ClientFinder({ proxies: ["loopback", "10.0.0.0/8"], isExplicit: true, hops: 3 });
    const entry = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom("10.0.0.1", "127.0.0.1", "", "unknown"),
      fc.string(),
    );
    const peers = fc.constantFrom("127.0.0.1", "10.0.0.2", "203.0.113.9", "::ffff:10.0.0.3", "2001:db8::1");
    fc.assert(
      fc.property(peers, fc.array(entry, { minLength: 1, maxLength: 5 }), (peer, entries) => {
        const forwarded = entries.join(", ");
        assertRejectsOnly(() => {
          const client = finder.find(requestFrom(peer, { "x-forwarded-for": forwarded }));
          const isTrusted = !["203.0.113.9", "2001:db8::1"].includes(peer);
          if (!isTrusted) assert.equal(client.address, peer);
          // The last entry is the only one that a single trusted proxy vouches for.
          const last = finder.find(requestFrom("127.0.0.1", { "x-forwarded-for": entries.at(-1) })).address;
          if (isTrusted && !/^((10|127)\.|::1$)/.test(last)) assert.equal(client.address, last);
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

function assertRejectsOnly(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
  }
}
