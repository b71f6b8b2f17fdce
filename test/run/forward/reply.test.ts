import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { outcomeOfReply, readRetryAfter, shownUrl } from "../../../src/run/forward/reply.ts";

const NOW = Date.parse("2026-11-24T08:00:00.000Z");
const URL_OF_SERVICE = new URL("https://ci.example.com/hooks?key=abc");

function outcome(status: number, ...rawHeaders: string[]) {
  return outcomeOfReply({ status, rawHeaders, body: new Uint8Array() }, URL_OF_SERVICE, NOW);
}

describe("an answer", () => {
  for (const status of [200, 201, 202, 204, 299])
    it(`of ${status} is a success`, () => {
      const { status: end, reason, isHopeless } = outcome(status);
      assert.deepEqual([end, reason, isHopeless], ["succeeded", null, undefined]);
    });

  for (const [status, reason] of [
    [408, "answered 408 Request Timeout"],
    [429, "answered 429 Too Many Requests"],
    [500, "answered 500 Internal Server Error"],
    [503, "answered 503 Service Unavailable"],
    [599, "answered 599"],
  ] as const)
    it(`of ${status} is worth another attempt`, () => {
      const { status: end, reason: said, isHopeless } = outcome(status);
      assert.deepEqual([end, said, isHopeless], ["failed", reason, undefined]);
    });

  for (const [status, reason] of [
    [400, "answered 400 Bad Request"],
    [401, "answered 401 Unauthorized"],
    [404, "answered 404 Not Found"],
    [413, "answered 413 Payload Too Large"],
    [422, "answered 422 Unprocessable Entity"],
    [300, "answered 300 Multiple Choices: only a status of 2xx counts"],
    [304, "answered 304 Not Modified: only a status of 2xx counts"],
  ] as const)
    it(`of ${status} would come again, so it is hopeless`, () => {
      const { status: end, reason: said, isHopeless } = outcome(status);
      assert.deepEqual([end, said, isHopeless], ["failed", reason, true]);
    });

  for (const [location, target] of [
    ["https://other.example/in?token=secret", "https://other.example/in?…"],
    ["/moved", "https://ci.example.com/moved"],
    ["http://user:pass@other.example/", "http://other.example/"],
    ["http://", "no URL"],
  ] as const)
    it(`that points to ${location} says so, and that redirects are not followed`, () => {
      const { reason, isHopeless } = outcome(302, "Location", location);
      assert.equal(
        reason,
        `answered 302 Found, which points to ${target}: redirects are not followed. If that is right, let the hook name it`,
      );
      assert.equal(isHopeless, true);
    });

  it("says with `Retry-After` when to come again", () => {
    assert.equal(outcome(503, "Retry-After", "120").retryAfterMs, 120_000);
    assert.equal(outcome(503).retryAfterMs, undefined);
  });
});

describe("`Retry-After`", () => {
  for (const [value, ms] of [
    ["0", 0],
    [" 90 ", 90_000],
    ["86400", 86_400_000],
    ["86401", 86_400_000],
    ["99999999999999999999", 86_400_000],
    ["Tue, 24 Nov 2026 08:01:00 GMT", 60_000],
    ["Tue, 24 Nov 2026 07:59:00 GMT", 0],
    ["Wed, 24 Nov 2027 08:00:00 GMT", 86_400_000],
    ["-5", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ] as const)
    it(`of ${JSON.stringify(value)} is ${ms}`, () => assert.equal(readRetryAfter(value, NOW), ms));
});

describe("a URL in an output", () => {
  it("is without its query, which may have a key in it", () => {
    assert.equal(shownUrl(URL_OF_SERVICE), "https://ci.example.com/hooks?…");
    assert.equal(shownUrl(new URL("http://[::1]:9/")), "http://[::1]:9/");
  });
});
