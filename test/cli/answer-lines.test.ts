import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answerLines } from "../../src/cli/answer-lines.ts";
import type { Answer } from "../../src/store/answers.ts";
import { answerToJson } from "../../src/store/as-json.ts";

function answer(changes: Partial<Answer> = {}): Answer {
  return {
    attempt: 2,
    status: 201,
    headers: [],
    body: Buffer.from("taken\n"),
    isTruncated: false,
    ...changes,
  };
}

describe("an answer as JSON", () => {
  it("has exactly these members", () => {
    const headers = [
      ["x-many", "a"],
      ["date", "today"],
      ["x-many", "b"],
    ] as const;
    assert.deepEqual(answerToJson(answer({ headers })), {
      attempt: 2,
      status: 201,
      headers: { "x-many": "a, b", date: "today" },
      body: "taken\n",
      encoding: "utf-8",
      truncated: false,
    });
  });

  for (const body of [Uint8Array.of(0xff, 0xfe), Uint8Array.of(0x61, 0)])
    it(`has a body that is no text in base64: ${Buffer.from(body).toString("hex")}`, () => {
      const { encoding, body: encoded } = answerToJson(answer({ body })) as Record<string, unknown>;
      assert.deepEqual([encoding, encoded], ["base64", Buffer.from(body).toString("base64")]);
    });

  it("has a text that was cut within a character up to that character", () => {
    const body = Buffer.from("ab☃").subarray(0, 4);
    const { body: text } = answerToJson(answer({ body, isTruncated: true })) as Record<string, unknown>;
    assert.equal(text, "ab");
    const whole = answerToJson(answer({ body })) as Record<string, unknown>;
    assert.equal(whole.encoding, "base64");
  });
});

describe("an answer for people", () => {
  it("has control characters as symbols, in headers and body", () => {
    const headers = [["x-a", "1\u001b[2J\u0007"]] as const;
    const lines = answerLines(answer({ headers, body: Buffer.from("one\u0007\r\ntwo\u202e\n\n") }));
    assert.deepEqual(lines, ["answer to attempt 2: 201", "  x-a: 1␛[2J␇", "", "  one␇\n  two<U+202E>"]);
  });

  it("says what is not shown", () => {
    assert.deepEqual(
      answerLines(answer({ body: Uint8Array.of(0, 1, 2) })).at(-1),
      "  (3 B that are no text)",
    );
    assert.deepEqual(answerLines(answer({ body: new Uint8Array(), isTruncated: true })).slice(2), [
      "  (there was more of it, which is not kept)",
    ]);
  });
});
