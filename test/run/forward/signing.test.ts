import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { Webhooks } from "@octokit/webhooks";
import { Webhook } from "standardwebhooks";
import { sign } from "../../../src/lib/signature.ts";
import { type Signable, type Signature, signatureOf } from "../../../src/run/forward/signing.ts";

const BODY = Buffer.from('{"zen":"Ünïcode ☃","ref":"refs/heads/main"}');
const NOW = Date.parse("2026-11-24T08:00:00.900Z");

function signable(changes: Partial<Signable> = {}): Signable {
  const delivery = { source: "github", webhookId: 7, guid: "7c1e4bd0-0000-11ee-8000-000000000000" };
  return { delivery, hook: "relay", body: BODY, now: NOW, ...changes };
}

async function signed(
  scheme: "github" | "standard-webhooks",
  secret: string,
  changes: Partial<Signable> = {},
): Promise<Signature> {
  const signature = await signatureOf(scheme, secret, signable(changes));
  assert.ok(!("problem" in signature));
  return signature;
}

describe("a signature as GitHub makes it", () => {
  it("is accepted by octokit's receiver", async () => {
    const { headers } = await signed("github", "a secret");
    const webhooks = new Webhooks({ secret: "a secret" });
    assert.ok(await webhooks.verify(BODY.toString(), headers["x-hub-signature-256"] ?? ""));
    const other = new Webhooks({ secret: "another" });
    assert.ok(!(await other.verify(BODY.toString(), headers["x-hub-signature-256"] ?? "")));
  });

  it("is in both headers that GitHub sends, and neither digest is for anybody else", async () => {
    const { headers, secrets } = await signed("github", "a secret");
    assert.deepEqual(headers, {
      "x-hub-signature": sign("a secret", BODY, "sha1"),
      "x-hub-signature-256": sign("a secret", BODY),
    });
    assert.deepEqual(
      secrets.map((digest) => digest.length),
      [64, 40],
    );
  });

  it("is over all of a large body", async () => {
    const body = randomBytes(3 * 1024 ** 2 + 17);
    const { headers } = await signed("github", "a secret", { body });
    assert.equal(headers["x-hub-signature-256"], sign("a secret", body));
  });
});

describe("a signature of Standard Webhooks", () => {
  const secret = `whsec_${randomBytes(24).toString("base64")}`;

  it("is accepted by that project's own package", async () => {
    const { headers } = await signed("standard-webhooks", secret, { now: Date.now() });
    assert.deepEqual(new Webhook(secret).verify(BODY, headers), JSON.parse(BODY.toString()));
    const other = new Webhook(`whsec_${randomBytes(24).toString("base64")}`);
    assert.throws(() => other.verify(BODY, headers), /No matching signature/);
  });

  it("takes a secret that is not encoded as it is", async () => {
    const { headers } = await signed("standard-webhooks", "plain text", { now: Date.now() });
    assert.ok(new Webhook("plain text", { format: "raw" }).verify(BODY, headers));
  });

  it("has the time of the attempt in seconds, and an id that stays the same", async () => {
    const first = await signed("standard-webhooks", secret);
    const second = await signed("standard-webhooks", secret, { now: NOW + 60_000 });
    assert.equal(first.headers["webhook-timestamp"], "1795507200");
    assert.equal(second.headers["webhook-timestamp"], "1795507260");
    assert.match(first.headers["webhook-id"] ?? "", /^msg_[0-9a-f]{32}$/);
    assert.equal(first.headers["webhook-id"], second.headers["webhook-id"]);
    assert.notEqual(first.headers["webhook-signature"], second.headers["webhook-signature"]);
  });

  it("has another id for another delivery, another webhook with the same GUID, and another hook", async () => {
    const { delivery } = signable();
    const ids = await Promise.all(
      [
        {},
        { hook: "other" },
        { delivery: { ...delivery, guid: "x" } },
        { delivery: { ...delivery, webhookId: 8 } },
        { delivery: { ...delivery, source: "other" } },
      ].map(async (changes) => (await signed("standard-webhooks", secret, changes)).headers["webhook-id"]),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  for (const [wrong, problem] of [
    ["whsec_", "`forward.secret` begins with `whsec_`, and what follows is not base64"],
    ["whsec_not base64!", "`forward.secret` begins with `whsec_`, and what follows is not base64"],
    [
      "whsk_AAAA",
      "`forward.secret` is a private key (`whsk_`), and only shared secrets (`whsec_`) are understood",
    ],
  ] as const) {
    it(`is not made with ${wrong}`, async () => {
      assert.deepEqual(await signatureOf("standard-webhooks", wrong, signable()), { problem });
    });
  }
});
