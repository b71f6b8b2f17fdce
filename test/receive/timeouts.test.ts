import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { storedDeliveries } from "../support/contract.ts";
import { delivery } from "../support/github.ts";
import { talk } from "../support/http.ts";
import { startReceiver } from "../support/receiver.ts";
import { headOf } from "../support/upload.ts";

/** GitHub hangs up after ten seconds, and so does the receiver; nobody wants to wait that long here. */
const receiver = await startReceiver({ after }, { requestTimeoutMs: 400 });

/** Sends one byte after the other, and never the last one. */
async function* drip(before: string | Uint8Array, bytes: string | Uint8Array) {
  yield before;
  for (const byte of Buffer.from(bytes).subarray(0, -1)) {
    yield Buffer.of(byte);
    await delay(20);
  }
}

function assertTimedOut(text: string): void {
  assert.match(text, /^HTTP\/1\.1 408 /);
  assert.match(text, /content-type: application\/json\r\n/i);
  const { error } = JSON.parse(text.slice(text.indexOf("\r\n\r\n")));
  assert.equal(error.code, "body_timeout");
}

describe("a sender that takes too long", { concurrency: true }, () => {
  it("is refused when its body does not come (story 8)", async () => {
    assertTimedOut(await talk(receiver.url, [headOf(delivery())]));
  });

  it("is refused when its body comes byte by byte (story 8)", async () => {
    const sent = delivery();
    assertTimedOut(await talk(receiver.url, drip(headOf(sent), sent.body)));
  });

  it("is refused when its chunks come byte by byte (story 8)", async () => {
    const sent = delivery({ headers: { "transfer-encoding": "chunked" } });
    assertTimedOut(await talk(receiver.url, drip(headOf(sent), "1\r\n{\r\n".repeat(1_000))));
  });

  it("is refused when its headers do not end", async () => {
    assertTimedOut(await talk(receiver.url, ["POST /github HTTP/1.1\r\nHost: localhost\r\n"]));
  });

  it("is refused when its headers come byte by byte", async () => {
    assertTimedOut(await talk(receiver.url, drip("", headOf(delivery()))));
  });

  it("is refused when it asks to go on and does not", async () => {
    const sent = delivery({ headers: { expect: "100-continue" } });
    const text = await talk(receiver.url, [headOf(sent)]);
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\n/);
    assertTimedOut(text.slice(text.indexOf("HTTP/1.1 408")));
  });
});

describe("a sender that took too long", () => {
  it("has left nothing behind but refusals", async () => {
    assert.deepEqual(await storedDeliveries(receiver), []);
    const codes = receiver.log.map(({ fields }) => fields.code);
    assert.deepEqual([...new Set(codes)], ["body_timeout"]);
    assert.equal((await receiver.send()).status, 202);
  });
});
