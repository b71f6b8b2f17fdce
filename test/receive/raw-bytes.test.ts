import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { sign } from "../../src/lib/signature.ts";
import { readContents } from "../../src/store/deliveries.ts";
import { assertRefused, deliveryOf, storedDeliveries } from "../support/contract.ts";
import { type DeliveryOptions, delivery, SECRET } from "../support/github.ts";
import { startReceiver } from "../support/receiver.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

const receiver = await startReceiver({ after });

describe("the signature of JSON", () => {
  const bodies: [what: string, body: Buffer][] = [
    ["a byte order mark", Buffer.from('\uFEFF{"ref":"refs/heads/main"}')],
    ["an escaped slash", Buffer.from('{"ref":"refs\\/heads\\/main"}')],
    ["an escaped letter", Buffer.from('{"ref":"refs/heads/main","name":"caf\\u00e9"}')],
    ["a letter that is no ASCII", Buffer.from('{"ref": "refs/heads/main","name":"café"}')],
    ["line ends of two bytes", Buffer.from('{\r\n"ref":"refs/heads/main"\r\n}')],
    ["spaces at the end", Buffer.from('{"ref":"refs/heads/main"}  \n')],
    ["a byte that is no UTF-8", Buffer.from('{"ref":"refs/heads/main","name":"\xff"}', "latin1")],
    ["a key twice", Buffer.from('{"ref":"refs/heads/dev","ref":"refs/heads/main"}')],
    [
      "numbers in other spellings",
      Buffer.from('{"ref":"refs/heads/main","id":1.0e2,"n":12345678901234567890}'),
    ],
    ["escapes in upper case", Buffer.from('{"ref":"refs/heads/main","text":"\\u001B[0m"}')],
  ];
  for (const [what, body] of bodies) {
    it(`is over the bytes as sent (story 10): ${what}`, async () => {
      const answer = await receiver.send({ body });
      assert.equal(answer.status, 202);
      const stored = await deliveryOf(receiver, answer);
      assert.equal(stored.ref, "refs/heads/main");
      assert.deepEqual((await readContents(receiver.db, stored.id))?.body, body);
    });

    it(`is not over what a parser makes of them (story 10): ${what}`, async () => {
      const text = body.toString().replace("\uFEFF", "");
      const again = sign(SECRET, JSON.stringify(JSON.parse(text)));
      assertRefused(
        await receiver.send({ body, headers: { "x-hub-signature-256": again } }),
        403,
        "signature_mismatch",
      );
    });
  }
});

describe("the signature of a form", () => {
  const json = '{"ref":"refs/heads/main","name":"~*\' + é"}';
  const forms: [what: string, form: string][] = [
    ["as encodeURIComponent writes it", `payload=${encodeURIComponent(json)}`],
    ["as a browser writes it", `${new URLSearchParams({ payload: json })}`],
    ["with hex digits in lower case", `payload=${encodeURIComponent(json).toLowerCase()}`],
    ["with no more escapes than it needs", `payload=${json.replaceAll("+", "%2B").replaceAll(" ", "+")}`],
    ["with further fields", `a=1&payload=${encodeURIComponent(json)}&b=2`],
  ];
  for (const [what, form] of forms) {
    it(`is over the bytes as sent (stories 10, 11): ${what}`, async () => {
      const body = Buffer.from(form);
      const answer = await receiver.send({ body, headers: FORM });
      assert.equal(answer.status, 202, answer.text);
      const stored = await deliveryOf(receiver, answer);
      assert.equal(stored.ref, "refs/heads/main");
      assert.deepEqual((await readContents(receiver.db, stored.id))?.body, body);
    });
  }

  it("is not over the JSON in it (story 11)", async () => {
    const { body } = delivery({ body: json, form: true });
    const headers = { ...FORM, "x-hub-signature-256": sign(SECRET, json) };
    assertRefused(await receiver.send({ body, headers }), 403, "signature_mismatch");
  });

  it("is not over the form written anew (story 11)", async () => {
    const { body } = delivery({ body: json, form: true });
    const again = sign(SECRET, `${new URLSearchParams(body.toString())}`);
    assertRefused(
      await receiver.send({ body, headers: { ...FORM, "x-hub-signature-256": again } }),
      403,
      "signature_mismatch",
    );
  });
});

describe("a body that is no payload", () => {
  const cases: [what: string, options: DeliveryOptions][] = [
    ["nothing", { body: "" }],
    ["an array (story 38)", { body: '[{"ref":"refs/heads/main"}]' }],
    ["null (story 38)", { body: "null" }],
    ["a text (story 38)", { body: '"refs/heads/main"' }],
    ["a number (story 38)", { body: "1" }],
    ["a truth value (story 38)", { body: "true" }],
    ["a second value after it (story 50)", { body: '{"ref":"refs/heads/main"}{}' }],
    ["a word after it (story 50)", { body: '{"ref":"refs/heads/main"} x' }],
    ["a zero byte after it (story 50)", { body: '{"ref":"refs/heads/main"}\0' }],
    ["half an object", { body: '{"ref":"refs/heads/main"' }],
    ["a comment", { body: '{/* */"ref":"refs/heads/main"}' }],
    ["two byte order marks", { body: '\uFEFF\uFEFF{"ref":"refs/heads/main"}' }],
    ["UTF-16", { body: Buffer.from('{"ref":"refs/heads/main"}', "utf16le") }],
    ["a form that calls itself JSON", { body: "payload=%7B%7D" }],
    ["JSON that calls itself a form", { body: "{}", headers: FORM }],
    ["a form without a payload", { body: "other=%7B%7D", headers: FORM }],
    ["a form with an empty payload", { body: "payload=", headers: FORM }],
    ["a form with two payloads (story 50)", { body: "payload=%7B%7D&payload=%7B%7D", headers: FORM }],
    ["a form with an array as payload (story 38)", { body: "payload=%5B%5D", headers: FORM }],
    ["a form with more after the payload (story 50)", { body: "payload=%7B%7D%7B%7D", headers: FORM }],
  ];
  for (const [what, options] of cases) {
    it(`is answered with 400 body_invalid, and not stored: ${what}`, async () => {
      const before = await storedDeliveries(receiver);
      assertRefused(await receiver.send(options), 400, "body_invalid");
      assert.deepEqual(await storedDeliveries(receiver), before);
    });
  }
});

describe("a push that lacks what pushes have", () => {
  for (const body of ['{"ref":"refs/heads/main"}', "{}", '{"ref":null,"repository":[],"sender":"alice"}']) {
    it(`is stored and run (story 38): ${body}`, async () => {
      // Different from what other tests send, and equal in meaning.
      const answer = await receiver.send({ body: `${body}\t` });
      assert.equal(answer.status, 202);
    });
  }
});
