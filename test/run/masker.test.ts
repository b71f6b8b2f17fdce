import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Masker } from "../../src/run/masker.ts";
import { secretForms } from "../../src/run/secret-forms.ts";

/** What comes out when the bytes come in pieces of these lengths, over and over. */
function inPieces(masker: Masker, bytes: Buffer, lengths: readonly number[]): Buffer {
  const stream = masker.stream();
  const out: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    out.push(stream.add(bytes.subarray(at, at + length)));
    at += length;
  }
  return Buffer.concat([...out, stream.end()]);
}

/** The same by looking everywhere for everything, slowly. */
function maskSlowly(forms: readonly string[], bytes: Buffer): Buffer {
  const isSecret = new Array<boolean>(bytes.length).fill(false);
  for (const form of forms.map((text) => Buffer.from(text))) {
    for (let at = bytes.indexOf(form); at !== -1; at = bytes.indexOf(form, at + 1))
      isSecret.fill(true, at, at + form.length);
  }
  const parts = [...bytes].map((byte, at) => {
    if (!isSecret[at]) return Buffer.from([byte]);
    return Buffer.from(isSecret[at - 1] ? "" : "***");
  });
  return Buffer.concat(parts);
}

describe("masking", () => {
  const KEY = '-----BEGIN KEY-----\nq2+/ab "c"\n}\n-----END KEY-----';
  const masker = new Masker(["hunter2/é~", KEY]);

  for (const [text, masked] of [
    ["password: hunter2/é~!", "password: ***!"],
    ["hunter2/é~hunter2/é~", "***"],
    ["hunter2/e", "hunter2/e"],
    [`<${KEY}>`, "<***>"],
    ['only a line: q2+/ab "c"', "only a line: ***"],
    ["}", "}"],
    [`{"key":${JSON.stringify(KEY)}}`, '{"key":"***"}'],
    ['{"password":"hunter2/\\u00e9~"}', '{"password":"***"}'],
    [`https://x/?key=${encodeURIComponent(KEY)}&a=b`, "https://x/?key=***&a=b"],
    [`https://x/?${new URLSearchParams({ key: KEY })}`, "https://x/?key=***"],
    ["https://x/hunter2/%c3%a9~", "https://x/***"],
    [`https://x/${encodeURIComponent("hunter2/é~")}/y`, "https://x/***/y"],
    [Buffer.from("hunter2/é~").toString("base64"), "***"],
    [Buffer.from("hunter2/é~").toString("base64url"), "***"],
    [`[${Buffer.from(KEY).toString("base64")}]`, "[***]"],
  ] as const) {
    it(`makes ${JSON.stringify(masked)} of ${JSON.stringify(text)}`, () => {
      assert.equal(masker.text(text), masked);
    });
  }

  it("finds a secret in the base64 of a longer text, wherever it begins", () => {
    for (const before of ["", "a", "ab", "abc", "user:"]) {
      const encoded = Buffer.from(`${before}hunter2/é~ and more`).toString("base64");
      const masked = masker.text(encoded);
      assert.match(masked, /\*\*\*/, before);
      // What is left of the secret is less than a character at either end.
      const [left = "", right = ""] = masked.split("***");
      const decoded = Buffer.from(encoded.slice(0, left.length), "base64").toString();
      assert.ok(before.startsWith(decoded.slice(0, before.length)) && decoded.length <= before.length + 1);
      assert.doesNotMatch(Buffer.from(right, "base64").toString(), /hunter|unter2/);
    }
  });

  it("finds a secret in base64 that is broken into lines", () => {
    const long = Array.from({ length: 30 }, (_, line) => `line ${line} of a key`).join(" ");
    for (const length of [64, 76]) {
      const lines =
        Buffer.from(long)
          .toString("base64")
          .match(new RegExp(`.{1,${length}}`, "g")) ?? [];
      const masked = new Masker([long]).text(lines.join("\n"));
      assert.doesNotMatch(masked.replaceAll("***", ""), /[A-Za-z0-9]{4}/, masked);
    }
  });

  it("hides a secret that is shorter than a line has to be, but nothing for an empty one", () => {
    assert.equal(new Masker(["x"]).text("axb"), "a***b");
    assert.equal(new Masker([""]).text("axb"), "axb");
    assert.equal(new Masker([]).text("axb"), "axb");
  });

  it("hides secrets that overlap as one", () => {
    assert.equal(new Masker(["abcd", "cdef"]).text("xabcdefx"), "x***x");
    assert.equal(new Masker(["bc", "abcd"]).text("abcx abcd"), "a***x ***");
  });

  it("holds back only what may be the beginning of a secret, and less than the longest", () => {
    const stream = new Masker(["hunter2"]).stream();
    const add = (text: string) => Buffer.from(stream.add(Buffer.from(text))).toString();
    assert.equal(add("a prompt: "), "a prompt: ");
    assert.equal(add("hunte"), "");
    assert.equal(add("rs"), "hunters");
    assert.equal(add("hunter2"), "***");
    assert.equal(add("hunter"), "");
    assert.equal(Buffer.from(stream.end()).toString(), "hunter");
  });

  it("leaves out the beginning of a secret at the end of a text that goes on", () => {
    const any = new Masker(["hunter2"]);
    assert.equal(any.text("hunter2 hunt", { isCut: true }), "*** ");
    assert.equal(any.text("hunter2 hunt"), "*** hunt");
  });

  it("hides what is added later in the streams that there are, with what is held back", () => {
    const growing = new Masker(["hunter2"]);
    const stream = growing.stream();
    const add = (text: string) => Buffer.from(stream.add(Buffer.from(text))).toString();
    assert.equal(add("token hunte"), "token ");
    growing.add("hunted");
    assert.equal(add("d token hunt"), "*** token ");
    growing.add("token");
    assert.equal(add("er2 token"), "*** ***");
    assert.equal(Buffer.from(stream.end()).toString(), "");
  });

  it("still hides the rest of a secret that it has begun to hide, when another is added", () => {
    const growing = new Masker(["abcd", "cdefgh"]);
    const stream = growing.stream();
    assert.equal(Buffer.from(stream.add(Buffer.from("xabcd"))).toString(), "x***");
    growing.add("other");
    assert.equal(Buffer.from(stream.add(Buffer.from("x"))).toString(), "x");
  });

  it("takes bytes that are no text as they are", () => {
    const bytes = Buffer.from([0, 255, 128, 10, 195]);
    assert.deepEqual(inPieces(masker, bytes, [2]), bytes);
  });

  it("needs no more time for text that nearly is a secret, over and over", { timeout: 20_000 }, () => {
    const length = 20_000;
    const slow = new Masker([`${"a".repeat(length)}b`, `${"ab".repeat(length)}c`]);
    const bytes = Buffer.from(
      "a"
        .repeat(2 * length)
        .concat("ab".repeat(2 * length))
        .repeat(20),
    );
    assert.equal(inPieces(slow, bytes, [65_536]).subarray(0, 9).toString(), "aaaaaaaaa");
  });

  const secret = fc.string({
    unit: fc.constantFrom("a", "b", "=", "\n", '"', " ", "é"),
    minLength: 1,
    maxLength: 12,
  });
  const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

  it("hides every form of every secret and changes nothing else, however the output is split", () => {
    const secrets = fc.array(secret, { minLength: 1, maxLength: 3 });
    const output = secrets.chain((values) => {
      const forms = values.flatMap(secretForms);
      const noise = fc.string({ unit: fc.constantFrom("a", "b", "=", "\n", "x", "%", "Y"), maxLength: 6 });
      const part = fc.oneof(
        noise,
        fc.constantFrom(...forms),
        fc.constantFrom(...forms).map((form) => form.slice(1)),
      );
      return fc.tuple(fc.constant(values), fc.array(part, { maxLength: 12 }));
    });
    fc.assert(
      fc.property(output, pieces, ([values, parts], lengths) => {
        const bytes = Buffer.from(parts.join(""));
        const masked = inPieces(new Masker(values), bytes, lengths);
        assert.equal(
          masked.toString("latin1"),
          maskSlowly(values.flatMap(secretForms), bytes).toString("latin1"),
        );
        for (const form of values.flatMap(secretForms))
          assert.ok(
            !masked
              .toString()
              .split("***")
              .some((part) => part.includes(form)),
            form,
          );
      }),
      { numRuns: 2_000 },
    );
  });

  it("hides what was added one after the other just as what was there from the start", () => {
    const secrets = fc.array(secret, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(secrets, fc.array(secret), pieces, (values, noise, lengths) => {
        const bytes = Buffer.from([...noise, ...values, ...noise].join(""));
        const grown = new Masker([]);
        for (const value of values) grown.add(value);
        assert.deepEqual(
          inPieces(grown, bytes, lengths),
          inPieces(new Masker(values), bytes, [bytes.length]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("hides in any bytes just what it hides in one piece", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), secret, pieces, (noise, value, lengths) => {
        const bytes = Buffer.concat([noise, Buffer.from(value), noise]);
        const any = new Masker([value]);
        assert.deepEqual(inPieces(any, bytes, lengths), inPieces(any, bytes, [bytes.length]));
      }),
    );
  });
});
