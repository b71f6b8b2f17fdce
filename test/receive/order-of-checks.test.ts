import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { assertRefused, storedDeliveries } from "../support/contract.ts";
import { PLACES, withHeaders } from "../support/faults.ts";
import { delivery, SECRET } from "../support/github.ts";
import { fetchWithoutBody, type Outgoing } from "../support/http.ts";
import { startReceiver } from "../support/receiver.ts";

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
