import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { describe, it } from "node:test";
import {
  isSameSecret,
  parseSignature,
  SignatureCheck,
  sign,
  verifySignature,
} from "../../src/lib/signature.ts";
import { SIGNATURE_VECTORS } from "../support/signatures.ts";

const SECRET = "It's a Secret to Everybody";
const BODY = "Hello, World!";
const DIGEST = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

describe("sign", () => {
  for (const { from, secret, body, sha256, sha1 } of SIGNATURE_VECTORS) {
    it(`gives the signature of ${from}`, () => {
      assert.equal(sign(secret, body), sha256);
      assert.equal(sign(secret, Buffer.from(body)), sha256);
      if (sha1) assert.equal(sign(secret, body, "sha1"), sha1);
    });
  }
});

describe("verifySignature", () => {
  for (const { from, secret, body, sha256 } of SIGNATURE_VECTORS) {
    it(`accepts the signature of ${from}, and not under another secret or over other bytes`, () => {
      assert.equal(verifySignature(secret, body, sha256), true);
      assert.equal(verifySignature(secret, Buffer.from(body), sha256), true);
      assert.equal(verifySignature(`${secret}.`, body, sha256), false);
      assert.equal(verifySignature(secret, `${body} `, sha256), false);
      assert.equal(verifySignature(secret, body.slice(1), sha256), false);
    });
  }

  const forms: [what: string, header: string][] = [
    ["nothing", ""],
    ["the digest alone", DIGEST],
    ["the prefix alone", "sha256="],
    ["two equals signs", `sha256==${DIGEST}`],
    ["an equals sign at the end", `sha256=${DIGEST}=`],
    ["no equals sign", `sha256${DIGEST}`],
    ["another prefix", `sha1=${DIGEST}`],
    ["a prefix in upper case", `SHA256=${DIGEST}`],
    ["digits in upper case", `sha256=${DIGEST.toUpperCase()}`],
    ["a digit too few", `sha256=${DIGEST.slice(1)}`],
    ["two digits too many", `sha256=${DIGEST}00`],
    ["a letter that is no digit", `sha256=g${DIGEST.slice(1)}`],
    ["a space before it", ` sha256=${DIGEST}`],
    ["a line feed after it", `sha256=${DIGEST}\n`],
    ["the same twice", `sha256=${DIGEST}, sha256=${DIGEST}`],
    ["the SHA-1 signature", "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"],
  ];
  for (const [what, header] of forms) {
    it(`refuses ${what} in the header (stories 12, 13)`, () => {
      assert.equal(verifySignature(SECRET, BODY, header), false);
      assert.equal(parseSignature(header, "sha256"), undefined);
    });
  }

  it("accepts any of several secrets, in every order (story 47)", () => {
    const header = `sha256=${DIGEST}`;
    assert.equal(verifySignature([SECRET, "another"], BODY, header), true);
    assert.equal(verifySignature(["another", SECRET], BODY, header), true);
    assert.equal(verifySignature(["another", "a third"], BODY, header), false);
    assert.equal(verifySignature([], BODY, header), false);
  });

  it("refuses what is signed with an empty secret, which anybody could sign", () => {
    assert.equal(verifySignature("", BODY, sign("", BODY)), false);
    assert.equal(verifySignature(["another", ""], BODY, sign("", BODY)), false);
  });

  it("compares every secret's digest in constant time, also after one has matched (story 2)", (t) => {
    const compare = t.mock.method(crypto, "timingSafeEqual");
    syncBuiltinESMExports();
    try {
      verifySignature([SECRET, "another", "a third"], BODY, `sha256=${DIGEST}`);
    } finally {
      compare.mock.restore();
      syncBuiltinESMExports();
    }
    const lengths = compare.mock.calls.map(({ arguments: [a, b] }) => [a.byteLength, b.byteLength]);
    assert.deepEqual(lengths, [
      [32, 32],
      [32, 32],
      [32, 32],
    ]);
  });
});

describe("SignatureCheck", () => {
  it("hashes a body piece by piece and tells which secret it was", () => {
    const check = new SignatureCheck("sha256", ["another", "", SECRET]);
    for (const byte of Buffer.from(BODY)) check.update(Buffer.of(byte));
    assert.equal(check.match(Buffer.from(DIGEST, "hex")), 2);
  });

  it("finds nothing where no secret matches", () => {
    const check = new SignatureCheck("sha256", ["another"]);
    check.update(Buffer.from(BODY));
    assert.equal(check.match(Buffer.from(DIGEST, "hex")), undefined);
  });

  it("checks SHA-1 where it is asked to", () => {
    const check = new SignatureCheck("sha1", [SECRET]);
    check.update(Buffer.from(BODY));
    assert.equal(check.match(Buffer.from("01dc10d0c83e72ed246219cdd91669667fe2ca59", "hex")), 0);
  });
});

describe("isSameSecret", () => {
  it("tells equal texts from all others, whatever their length", () => {
    assert.equal(isSameSecret("a long token", "a long token"), true);
    for (const other of ["a long tokem", "a long toke", "a long token ", ""])
      assert.equal(isSameSecret("a long token", other), false, other);
  });
});
