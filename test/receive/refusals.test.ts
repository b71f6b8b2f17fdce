import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listRefusals, MAX_REFUSALS } from "../../src/store/refusals.ts";
import { assertTellsNothing } from "../support/contract.ts";
import { delivery, SECRET } from "../support/github.ts";
import { talk } from "../support/http.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** Waits for so many refusals to be stored, and returns the newest first. */
async function refusalsOf({ db }: TestReceiver, count: number) {
  return until("the refusals are stored", async () => {
    const found = await listRefusals(db, 10_000);
    return found.length >= count && found;
  });
}

describe("a refused request", { concurrency: true }, () => {
  it("is kept: when, why, who, and what it claims, but nothing of its body", async (t) => {
    const receiver = await startReceiver(t);
    const before = Date.now();
    const sent = { guid: "72d3162e", webhookId: "7", body: { token: "a part of the body" } };
    await receiver.send({ ...sent, event: "issues", secret: `${SECRET}.` });
    const [refusal, ...others] = await refusalsOf(receiver, 1);
    assert.deepEqual(others, []);
    const { id, at, ...rest } = refusal ?? {};
    assert.deepEqual(rest, {
      source: "github",
      code: "signature_mismatch",
      peer: "127.0.0.1",
      event: "issues",
      guid: "72d3162e",
      webhookId: "7",
    });
    assert.ok((at ?? 0) >= before && (at ?? 0) <= Date.now());
    assert.ok(!JSON.stringify([refusal, receiver.log]).includes("a part of the body"));
  });

  it("is kept with its own reason, whichever it is", async (t) => {
    const receiver = await startReceiver(t, { source: { maxBodyBytes: 100 } });
    const forwarded = (value: string) => ({ headers: { "x-forwarded-for": value } });
    const requests = [
      { path: "/nowhere" },
      { ...delivery(), method: "PUT" },
      forwarded("203.0.113.9"),
      forwarded("unknown"),
      { headers: { "user-agent": "GitHub-Hookshot/1" } },
      { headers: { "x-github-event": undefined } },
      { headers: { "content-type": "text/plain" } },
      { headers: { "x-hub-signature-256": undefined } },
      { headers: { "x-hub-signature-256": "sha256=" } },
      {},
      { body: "[]" },
    ];
    for (const request of requests) await receiver.send(request);
    const refusals = (await refusalsOf(receiver, requests.length)).reverse();
    assert.deepEqual(
      refusals.map(({ source, code, peer }) => [source, code, peer]),
      [
        [null, "not_found", "127.0.0.1"],
        ["github", "method_not_allowed", "127.0.0.1"],
        ["github", "address_not_allowed", "203.0.113.9"],
        ["github", "address_not_allowed", "127.0.0.1"],
        ["github", "sender_hidden", "127.0.0.1"],
        ["github", "header_invalid", "127.0.0.1"],
        ["github", "unsupported_media_type", "127.0.0.1"],
        ["github", "signature_unsupported", "127.0.0.1"],
        ["github", "signature_malformed", "127.0.0.1"],
        ["github", "body_too_large", "127.0.0.1"],
        ["github", "body_invalid", "127.0.0.1"],
      ],
    );
    const lines = receiver.log.filter(({ message }) => message.startsWith("refused"));
    assert.deepEqual(
      lines.map(({ fields }) => fields.code),
      refusals.map(({ code }) => code),
    );
  });

  it("is one of the last thousand: older ones are forgotten", async (t) => {
    const receiver = await startReceiver(t);
    assert.equal(MAX_REFUSALS, 1_000);
    const send = (guid: string) =>
      receiver.send({
        method: "POST",
        path: "/nowhere",
        headers: { "x-github-event": "a", "x-github-delivery": guid },
      });
    for (let start = 0; start < 1_020; start += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, i) => send(`r${start + i}`)));
      if (start === 600) await refusalsOf(receiver, 600);
    }
    await send("last");
    const refusals = await until("the last one is stored", async () => {
      const found = await listRefusals(receiver.db, 10_000);
      return found[0]?.guid === "last" && found;
    });
    assert.equal(refusals.length, 1_000);
    const oldest = refusals.at(-1)?.guid ?? "";
    assert.ok(Number(oldest.slice(1)) >= 1, oldest);
  });

  it("is not kept where it only looks for known holes", async (t) => {
    const receiver = await startReceiver(t);
    for (const path of ["/", "/.env", "/wp-login.php", "/github/../../etc/passwd"])
      assert.equal((await receiver.send({ method: "GET", path })).status, 404);
    await receiver.send({ headers: { "x-github-event": "PUSH" } });
    assert.equal((await refusalsOf(receiver, 1)).length, 1);
    assert.equal(receiver.log.length, 1);
  });
});

describe("what a refused request claims", () => {
  it("is cut, and cannot break or colour a line of the log (stories 1, 42)", async (t) => {
    const receiver = await startReceiver(t);
    const headers = { "x-github-event": `${"a".repeat(100)}`, "x-github-delivery": "b".repeat(9_000) };
    const answer = await receiver.send({ headers });
    assertTellsNothing(receiver, answer, delivery().body);
    const head = "POST /github HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n";
    const claims = Buffer.from(
      "X-GitHub-Event: \x9b31m\x85\xa0\r\nX-GitHub-Hook-ID: '; drop table runs; --\r\n\r\n",
      "latin1",
    );
    await talk(receiver.url, [head, claims]);

    const [second, first] = await refusalsOf(receiver, 2);
    assert.deepEqual([first?.event, first?.guid], ["a".repeat(64), "b".repeat(64)]);
    assert.deepEqual(
      [second?.event, second?.webhookId],
      ["<U+009B>31m<U+0085>\u00a0", "'; drop table runs; --"],
    );
    assert.doesNotMatch(JSON.stringify(receiver.log), /[\u0000-\u001f\u007f-\u009f]/);
  });

  for (const [what, line] of [
    ["a line feed", "X-GitHub-Event: push\n injected: yes"],
    ["a carriage return", "X-GitHub-Event: push\r injected: yes"],
    ["an escape", "X-GitHub-Event: \x1b[31mred"],
    ["a zero byte", "X-GitHub-Event: push\0"],
  ]) {
    it(`never reaches the log with ${what}, which is no HTTP (story 42)`, async (t) => {
      const receiver = await startReceiver(t);
      const head = `POST /github HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n${line}\r\n\r\n`;
      const text = await talk(receiver.url, [head]);
      assert.match(text, /^HTTP\/1\.1 400 /);
      assert.doesNotMatch(JSON.stringify(receiver.log), /injected|\\u001b|\\u0000|\\n|\\r/);
    });
  }
});
