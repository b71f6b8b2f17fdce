import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UserError } from "../../src/config/problem.ts";
import { createReceiver, type ReceiverOptions } from "../../src/index.ts";
import { SECRET } from "../support/github.ts";

function messageOf(options: object): string {
  try {
    createReceiver(options as ReceiverOptions);
  } catch (error) {
    assert.ok(error instanceof UserError);
    return error.message;
  }
  return "";
}

describe("createReceiver", () => {
  it("fails closed: without a secret there is no receiver, and the message says what to look at", () => {
    assert.match(messageOf({}), /`secrets` is missing or undefined: is the variable set/);
    assert.match(messageOf({ secrets: undefined }), /missing or undefined/);
    assert.match(messageOf({ secrets: "" }), /`secrets` is empty: is the variable set/);
    assert.match(messageOf({ secrets: [] }), /missing/);
    assert.match(messageOf({ secrets: [SECRET, undefined] }), /`secrets\[1\]` is undefined/);
    assert.match(messageOf({ secrets: 7 }), /`secrets` is no text/);
  });

  it("names every mistake at once", () => {
    const message = messageOf({
      secret: SECRET,
      secrets: SECRET,
      allowFrom: ["github", "gihub"],
      trustProxy: "10.0.0.0/64",
      trustProxyHops: 0,
      allowSha1: "yes",
      maxBody: "25 apples",
      answerWithin: "soon",
      githubApiUrl: "api.github.com",
      onError: "print",
      onRefused: 1,
    });
    for (const part of [
      "there is no option `secret`; there are secrets, ",
      '`allowFrom`: "gihub" is not an address, a range, or one of github, loopback, any',
      '`trustProxy`: "10.0.0.0/64" is not an address, a range, or one of loopback, linklocal, uniquelocal',
      "`trustProxyHops` must be a whole number from 1",
      "`allowSha1` must be true or false",
      '`maxBody`: "25 apples" is no size',
      '`answerWithin`: "soon" is no duration',
      '`githubApiUrl`: "api.github.com" is no http or https URL',
      "`onError` must be a function",
      "`onRefused` must be a function",
    ])
      assert.ok(message.includes(part), `${part}\nis not in\n${message}`);
    assert.ok(!message.includes(SECRET));
  });

  it("warns of a secret that can be guessed, without telling it", (t) => {
    const warned = t.mock.method(process, "emitWarning", () => {});
    createReceiver({ secrets: "short-one" });
    const [text] = (warned.mock.calls[0]?.arguments ?? []) as string[];
    assert.equal(text, "createReceiver: `secrets` is shorter than 16 characters; it can be guessed");
  });

  it("asks nobody anything until the first request comes", (t) => {
    const asked = t.mock.method(globalThis, "fetch", () => Promise.reject(new Error("not here")));
    createReceiver({ secrets: SECRET });
    assert.equal(asked.mock.callCount(), 0);
  });
});
