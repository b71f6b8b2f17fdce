import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { sign } from "../../src/lib/signature.ts";
import { assertRefused, assertTellsNothing, storedDeliveries } from "../support/contract.ts";
import { type DeliveryOptions, delivery, pushPayload, SECRET } from "../support/github.ts";
import { fetchRaw } from "../support/http.ts";
import { startReceiver } from "../support/receiver.ts";
import { SIGNATURE_VECTORS } from "../support/signatures.ts";

const BODY = Buffer.from(JSON.stringify(pushPayload()));
const HEX = sign(SECRET, BODY).slice("sha256=".length);
const SHA1 = sign(SECRET, BODY, "sha1");

const receiver = await startReceiver({ after });
const allowing = await startReceiver({ after }, { source: { allowSha1: true } });
/** The secret of a source that each test sets as it needs it. */
const theirs = { name: "theirs", value: "" };
const ofOthers = await startReceiver({ after }, { secrets: [theirs] });
const ofOthersAllowing = await startReceiver({ after }, { secrets: [theirs], source: { allowSha1: true } });

describe("a signature that others have computed", () => {
  for (const { from, secret, body, sha256, sha1, form, isPayload } of SIGNATURE_VECTORS) {
    const options: DeliveryOptions = {
      event: "issues",
      body,
      headers: {
        ...(form && { "content-type": "application/x-www-form-urlencoded" }),
        "x-hub-signature": undefined,
        "x-hub-signature-256": sha256,
      },
    };

    it(`is accepted: ${from}`, async () => {
      theirs.value = secret;
      const answer = await ofOthers.send(options);
      // What is no payload is refused for that, and not for its signature.
      if (isPayload) assert.equal(answer.status, 204);
      else assertRefused(answer, 400, "body_invalid");
    });

    it(`is refused under another secret: ${from}`, async () => {
      theirs.value = `${secret}.`;
      assertRefused(await ofOthers.send(options), 403, "signature_mismatch");
    });

    if (sha1) {
      it(`is accepted as SHA-1 by a source that allows it: ${from}`, async () => {
        theirs.value = secret;
        const headers = { ...options.headers, "x-hub-signature": sha1, "x-hub-signature-256": undefined };
        const answer = await ofOthersAllowing.send({ ...options, headers });
        if (isPayload) assert.equal(answer.status, 204);
        else assertRefused(answer, 400, "body_invalid");
      });
    }
  }
});

describe("a signature that is not as it should be", () => {
  const cases: [what: string, status: number, code: string, sha256?: string | string[], sha1?: string][] = [
    ["none (stories 3, 48)", 403, "signature_missing"],
    ["an empty one (story 3)", 403, "signature_missing", ""],
    ["an empty one beside a good SHA-1 (stories 3, 12)", 403, "signature_missing", "", SHA1],
    ["only SHA-1 (story 12)", 501, "signature_unsupported", undefined, SHA1],
    ["no equals sign (story 13)", 403, "signature_malformed", HEX],
    ["no digest", 403, "signature_malformed", "sha256="],
    ["no prefix", 403, "signature_malformed", `=${HEX}`],
    ["two equals signs (story 13)", 403, "signature_malformed", `sha256==${HEX}`],
    ["an equals sign at the end (story 13)", 403, "signature_malformed", `sha256=${HEX.slice(1)}=`],
    ["a prefix in upper case", 403, "signature_malformed", `SHA256=${HEX}`],
    ["digits in upper case (story 13)", 403, "signature_malformed", `sha256=${HEX.toUpperCase()}`],
    ["letters that are no digits (story 13)", 403, "signature_malformed", `sha256=${"g".repeat(64)}`],
    ["too few digits", 403, "signature_malformed", `sha256=${HEX.slice(2)}`],
    ["too many digits", 403, "signature_malformed", `sha256=${HEX}00`],
    ["a space within it", 403, "signature_malformed", `sha256= ${HEX}`],
    ["a letter that is no ASCII (story 13)", 403, "signature_malformed", `sha256=${HEX.slice(1)}é`],
    ["the good one twice (story 3)", 403, "signature_malformed", [`sha256=${HEX}`, `sha256=${HEX}`]],
    ["a good and a bad one", 403, "signature_malformed", [`sha256=${HEX}`, `sha256=${"0".repeat(64)}`]],
    ["SHA-1 in its place (story 12)", 501, "signature_unsupported", SHA1],
    ["SHA-1 in its place and beside it (story 12)", 501, "signature_unsupported", SHA1, SHA1],
    ["MD5", 501, "signature_unsupported", `md5=${"0".repeat(32)}`],
    ["SHA-512", 501, "signature_unsupported", `sha512=${"0".repeat(128)}`],
    ["another secret's (story 48)", 403, "signature_mismatch", sign(`${SECRET}.`, BODY)],
    ["an empty secret's", 403, "signature_mismatch", sign("", BODY)],
    ["another secret's beside a good SHA-1 (story 12)", 403, "signature_mismatch", sign("x", BODY), SHA1],
    ["that of other bytes", 403, "signature_mismatch", sign(SECRET, `${BODY} `)],
    ["that of no bytes", 403, "signature_mismatch", sign(SECRET, "")],
    ["all zeros", 403, "signature_mismatch", `sha256=${"0".repeat(64)}`],
  ];
  for (const [what, status, code, sha256, sha1] of cases) {
    it(`is answered with ${status} ${code}, and tells nothing (story 1): ${what}`, async () => {
      const headers = { "x-hub-signature-256": sha256, "x-hub-signature": sha1 };
      const answer = await receiver.send({ body: BODY, headers });
      assertRefused(answer, status, code);
      assertTellsNothing(receiver, answer, BODY);
      assert.deepEqual(await storedDeliveries(receiver), []);
    });
  }

  it("is refused when a byte of the body changes on the way", async () => {
    const sent = delivery({ body: BODY });
    sent.body[sent.body.length - 1] = 0x20;
    assertRefused(await fetchRaw(receiver.url, sent), 403, "signature_mismatch");
    assert.deepEqual(await storedDeliveries(receiver), []);
  });
});

describe("SHA-1 at a source that allows it", () => {
  it("counts where there is no other signature", async () => {
    const answer = await allowing.send({ headers: { "x-hub-signature-256": undefined } });
    assert.equal(answer.status, 202);
  });

  it("is not looked at where the other signature is good", async () => {
    const answer = await allowing.send({ headers: { "x-hub-signature": "sha1=of something else" } });
    assert.equal(answer.status, 202);
  });

  const cases: [what: string, code: string, sha256?: string, sha1?: string][] = [
    ["a bad signature that it is to rescue", "signature_mismatch", `sha256=${"0".repeat(64)}`, SHA1],
    ["a malformed one that it is to rescue", "signature_malformed", "sha256=0", SHA1],
    ["an empty one that it is to rescue", "signature_missing", "", SHA1],
    ["no signature at all", "signature_missing"],
    ["an empty one", "signature_missing", undefined, ""],
    ["a malformed one", "signature_malformed", undefined, SHA1.toUpperCase().replace("SHA1", "sha1")],
    ["a digest of SHA-256's length", "signature_malformed", undefined, `sha1=${HEX}`],
    ["another secret's", "signature_mismatch", undefined, sign("x", BODY, "sha1")],
  ];
  for (const [what, code, sha256, sha1] of cases) {
    it(`is refused as ${code} (story 12): ${what}`, async () => {
      const headers = { "x-hub-signature-256": sha256, "x-hub-signature": sha1 };
      assertRefused(await allowing.send({ body: BODY, headers }), 403, code);
    });
  }

  it("is refused as signature_unsupported: MD5", async () => {
    const headers = { "x-hub-signature-256": undefined, "x-hub-signature": `md5=${"0".repeat(32)}` };
    assertRefused(await allowing.send({ body: BODY, headers }), 501, "signature_unsupported");
  });
});
