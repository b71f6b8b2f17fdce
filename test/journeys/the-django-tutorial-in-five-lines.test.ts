/**
 * What the tutorial "How to Handle GitHub Webhooks Using Django" builds, in five lines of an Express app: its final view,
 * situation by situation. What differs, and why, is in docs/guides/coming-from-octokit.md.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, describe, it } from "node:test";
import express from "express";
import { createReceiver } from "../../src/index.ts";
import { type DeliveryOptions, delivery, FROM_GITHUB, SECRET, sample } from "../support/github.ts";
import { fetchRaw } from "../support/http.ts";

const deployed: string[] = [];

const app = express();
const receiver = createReceiver({ secrets: SECRET, githubApiUrl: "http://127.0.0.1:9" });
receiver.on("push", ({ payload }) => void deployed.push(payload.after));
app.use("/hello", receiver.node);
const server = createServer(app).listen(0, "127.0.0.1");

await new Promise((resolve) => server.once("listening", resolve));
after(async () => {
  server.close();
  await receiver.close();
});

async function answerTo(options: DeliveryOptions, method = "POST") {
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const headers = { ...FROM_GITHUB, "user-agent": "GitHub-Hookshot/044aadd", ...options.headers };
  const sent = delivery({ path: "/hello", ...options, headers });
  const isPost = method === "POST";
  const { status, text, json } = await fetchRaw(url, { ...sent, method, ...(isPost ? {} : { body: "" }) });
  return { status, text, code: (json as { error?: { code?: string } } | undefined)?.error?.code };
}

describe("the tutorial's view, as an Express app", () => {
  it("forbids whoever is not GitHub by the address: 403", async () => {
    const { status, code } = await answerTo({ headers: { "x-forwarded-for": "203.0.113.9" } });
    assert.deepEqual([status, code], [403, "address_not_allowed"]);
  });

  it("forbids what has no signature: 403", async () => {
    const headers = { "x-hub-signature": undefined, "x-hub-signature-256": undefined };
    const { status, code } = await answerTo({ headers });
    assert.deepEqual([status, code], [403, "signature_missing"]);
  });

  it("does not know another algorithm: 501", async () => {
    const { status, code } = await answerTo({ headers: { "x-hub-signature-256": "md5=0" } });
    assert.deepEqual([status, code], [501, "signature_unsupported"]);
  });

  it("forbids what another key has signed: 403", async () => {
    const { status, code } = await answerTo({ secret: "not the shared key" });
    assert.deepEqual([status, code], [403, "signature_mismatch"]);
  });

  it("takes nothing but POST: 405", async () => {
    const { status, code } = await answerTo({}, "GET");
    assert.deepEqual([status, code], [405, "method_not_allowed"]);
  });

  it("answers a ping with pong", async () => {
    const { status, text } = await answerTo({ event: "ping", body: sample("ping") });
    assert.deepEqual([status, text], [200, "pong"]);
  });

  it("deploys on a push, and says that it succeeded", async () => {
    const body = sample("push");
    const { status, text } = await answerTo({ event: "push", body });
    assert.equal(status, 200);
    assert.match(text, /"status":"succeeded"/);
    assert.deepEqual(deployed, [body.after]);
  });

  it("has nothing to say to any other event: 204", async () => {
    const { status, text } = await answerTo({ event: "issues", body: sample("issues") });
    assert.deepEqual([status, text], [204, ""]);
  });
});
