import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { assertRefused, storedDeliveries } from "../support/contract.ts";
import { delivery, SECRET } from "../support/github.ts";
import { fetchWithoutBody, type Outgoing } from "../support/http.ts";
import { startReceiver } from "../support/receiver.ts";

type Headers = Record<string, string | string[] | number>;
interface Fault {
  status: number;
  code: string;
  apply: (sent: Outgoing) => Outgoing;
}

const withHeaders = (headers: Headers) => (sent: Outgoing) => ({
  ...sent,
  headers: { ...sent.headers, ...headers },
});
const withoutHeaders =
  (...names: string[]) =>
  (sent: Outgoing) => ({
    ...sent,
    headers: Object.fromEntries(Object.entries(sent.headers ?? {}).filter(([name]) => !names.includes(name))),
  });

/** All that can be wrong before the body, in the order in which it is looked for. Several in one place cannot meet. */
const PLACES: Fault[][] = [
  [{ status: 404, code: "not_found", apply: (sent) => ({ ...sent, path: "/nowhere" }) }],
  [{ status: 405, code: "method_not_allowed", apply: (sent) => ({ ...sent, method: "PUT" }) }],
  [
    {
      status: 403,
      code: "address_not_allowed",
      apply: withHeaders({ "x-forwarded-for": "203.0.113.9" }),
    },
    { status: 403, code: "address_not_allowed", apply: withHeaders({ "x-forwarded-for": "unknown" }) },
    { status: 403, code: "sender_hidden", apply: withHeaders({ "user-agent": "GitHub-Hookshot/044aadd" }) },
  ],
  [
    { status: 400, code: "header_invalid", apply: withHeaders({ "x-github-event": "PUSH" }) },
    { status: 400, code: "header_invalid", apply: withoutHeaders("x-github-delivery") },
    { status: 400, code: "header_invalid", apply: withHeaders({ "x-github-hook-id": "first" }) },
  ],
  [
    { status: 415, code: "unsupported_media_type", apply: withHeaders({ "content-type": "text/plain" }) },
    { status: 415, code: "unsupported_media_type", apply: withHeaders({ "content-encoding": "gzip" }) },
  ],
  [
    {
      status: 403,
      code: "signature_missing",
      apply: withoutHeaders("x-hub-signature", "x-hub-signature-256"),
    },
    {
      status: 403,
      code: "signature_malformed",
      apply: withHeaders({ "x-hub-signature-256": "sha256=0" }),
    },
    { status: 501, code: "signature_unsupported", apply: withoutHeaders("x-hub-signature-256") },
    { status: 501, code: "signature_unsupported", apply: withHeaders({ "x-hub-signature-256": "md5=0" }) },
  ],
  [
    {
      status: 413,
      code: "body_too_large",
      apply: withHeaders({ "content-length": 25 * 1024 ** 2 + 1 }),
    },
  ],
];

const receiver = await startReceiver({ after });

/** The head of a good delivery, whose body is announced. */
function head(): Outgoing {
  const { body, ...sent } = delivery();
  return withHeaders({ "content-length": body.length })(sent);
}

describe("a request with one fault", () => {
  for (const { status, code, apply } of PLACES.flat()) {
    it(`is answered with ${status} ${code} before a byte of its body has come (story 8)`, async () => {
      const sent = apply(head());
      assertRefused(await fetchWithoutBody(receiver.url, sent), status, code);
    });

    it(`is answered with ${status} ${code} instead of being told to go on`, async () => {
      const sent = apply(withHeaders({ expect: "100-continue" })(head()));
      const answer = await fetchWithoutBody(receiver.url, sent);
      assertRefused(answer, status, code);
      assert.equal(answer.continued, false);
    });
  }
});

describe("a request with two faults", () => {
  for (const [place, firsts] of PLACES.entries()) {
    for (const first of firsts) {
      const seconds = PLACES.slice(place + 1).flat();
      if (seconds.length === 0) continue;
      it(`is answered for the first of them: ${first.code}`, async () => {
        for (const second of seconds) {
          const sent = second.apply(first.apply(head()));
          assertRefused(await fetchWithoutBody(receiver.url, sent), first.status, first.code);
        }
      });
    }
  }
});

describe("a request with every fault", () => {
  it("is answered for one after the other, as they are mended", async () => {
    const faults = PLACES.flatMap(([fault]) => fault ?? []);
    for (const [index, { status, code }] of faults.entries()) {
      const sent = faults.slice(index).reduceRight((all, { apply }) => apply(all), head());
      assertRefused(await fetchWithoutBody(receiver.url, sent), status, code);
    }
  });
});

describe("a request without a fault before its body", () => {
  it("is told to go on, where it asks", async () => {
    const { status, continued } = await receiver.send({ headers: { expect: "100-continue" } });
    assert.deepEqual({ status, continued }, { status: 202, continued: true });
  });
});

describe("a body with several faults", () => {
  const wrong = { body: "[", secret: `${SECRET}.` };

  it("is answered for its signature before it is read as JSON", async () => {
    assertRefused(await receiver.send(wrong), 403, "signature_mismatch");
  });

  it("is answered for its JSON before the store is asked", async (t) => {
    const full = await startReceiver(t, { writer: { minFreeDiskBytes: Number.MAX_SAFE_INTEGER } });
    assertRefused(await full.send(wrong), 403, "signature_mismatch");
    assertRefused(await full.send({ body: "[" }), 400, "body_invalid");
    assertRefused(await full.send(), 503, "store_unavailable");
    assert.deepEqual(await storedDeliveries(full), []);
  });
});
