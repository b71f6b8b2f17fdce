import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BodyInvalid, jsonText, parsePayload } from "../../src/match/body.ts";

const parse = (text: string | Uint8Array) => parsePayload(Buffer.from(text));

/** `{"a":[[…]]}`, this many levels deep in all. */
const nested = (depth: number) => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;

function refuses(text: string | Uint8Array, message: string): void {
  assert.throws(() => parse(text), new BodyInvalid(message));
}

describe("parsePayload", () => {
  it("reads an object", () => {
    assert.deepEqual(parse('{"a":{"b":[1,"♥",null,true]}}'), { a: { b: [1, "♥", null, true] } });
  });

  for (const text of ["[]", "null", "1", '"text"', "true", '[{"a":1}]']) {
    it(`refuses ${text}, which is no object`, () => refuses(text, "the JSON is no object"));
  }

  for (const text of [
    "",
    " ",
    "{",
    '{"a":1',
    "{}{}",
    "{} trailing",
    '{"a":1}\0',
    "{'a':1}",
    '{"a":01}',
    "payload={}",
    '{"a"',
  ]) {
    it(`refuses ${JSON.stringify(text)}, which is not JSON`, () => refuses(text, "the body is not JSON"));
  }

  it("takes the last of a key's values, as every reader of the stored body will", () => {
    assert.deepEqual(parse('{"a":1,"a":2}'), { a: 2 });
  });

  it("does not let a key reach into JavaScript's own objects", () => {
    const payload = parse('{"__proto__":{"polluted":true},"constructor":1}');
    assert.ok(Object.hasOwn(payload, "__proto__"));
    assert.equal(Reflect.get({}, "polluted"), undefined);
  });

  it("ignores one byte order mark, and only at the start", () => {
    assert.deepEqual(parse("\uFEFF{}"), {});
    refuses("\uFEFF\uFEFF{}", "the body is not JSON");
    refuses("{}\uFEFF", "the body is not JSON");
  });

  it("reads bytes that are no UTF-8 as something rather than failing", () => {
    assert.deepEqual(parse(Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from('"}')])), {
      a: "\uFFFD",
    });
  });
});

describe("the depth of a payload", () => {
  const tooDeep = "the JSON is nested more than 1000 levels deep";

  it("may be 1,000", () => assert.ok("a" in parse(nested(1_000))));
  it("may not be 1,001", () => refuses(nested(1_001), tooDeep));
  it("may not be 1,001 objects either", () => {
    refuses(`${'{"a":'.repeat(1_000)}{}${"}".repeat(1_000)}`, tooDeep);
  });
  it("may not be 1,001 of both together", () => {
    refuses(`${'{"a":['.repeat(501)}${"]}".repeat(501)}`, tooDeep);
  });

  it("is told before the text is parsed, also when it never ends", { timeout: 10_000 }, () => {
    refuses("[".repeat(24_000_000), tooDeep);
    refuses('{"a":'.repeat(4_000_000), tooDeep);
  });

  it("does not grow with brackets that stand in strings", () => {
    const text = `[{"`.repeat(2_000);
    assert.deepEqual(parse(JSON.stringify({ text, [text]: 1 })), { text, [text]: 1 });
    assert.deepEqual(parse(JSON.stringify({ text: `\\"[\\\\"${text}` })), { text: `\\"[\\\\"${text}` });
  });

  it("does not grow with brackets side by side", () => {
    const siblings = { many: Array.from({ length: 5_000 }, () => [{}]) };
    assert.deepEqual(parse(JSON.stringify(siblings)), siblings);
  });

  it("is counted behind a string as before it", () => {
    refuses(`{"quote \\" and [":"]]]","a":${"[".repeat(1_000)}${"]".repeat(1_000)}}`, tooDeep);
  });

  it("never makes a difference to what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(parse(text), JSON.parse(text));
      }),
    );
  });
});

describe("jsonText", () => {
  const form = (text: string) => jsonText("form", Buffer.from(text)).toString();

  it("is a JSON body itself, byte for byte", () => {
    const body = Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0xff, 0x7d]);
    assert.equal(jsonText("json", body), body);
  });

  it("is the payload of a form, decoded", () => {
    assert.equal(form(`payload=${encodeURIComponent('{"a":"♥ & + % ~*"}')}`), '{"a":"♥ & + % ~*"}');
  });

  it("reads a plus sign in a form as a space", () => assert.equal(form("payload=a+b%2Bc"), "a b+c"));

  it("leaves other fields of a form alone", () => assert.equal(form("x=1&payload=%7B%7D&y=2"), "{}"));

  for (const text of ["", "x=1", "Payload={}", "payload={}&payload={}", "payload=a&x=1&payload=b", "{}"]) {
    it(`refuses the form ${JSON.stringify(text)}`, () => {
      assert.throws(() => form(text), new BodyInvalid("the form must have one field called `payload`"));
    });
  }
});
