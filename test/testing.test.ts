import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createReceiver, verifySignature } from "../src/index.ts";
import { FROM_HERE, sampleNames, samplePayload, signedRequest, TEST_SECRET } from "../src/testing.ts";
import { mount, recorder } from "./support/mounted.ts";

describe("signedRequest", () => {
  it("is taken by a receiver with the secret of tests, for every sample there is", async () => {
    const receiver = createReceiver({ secrets: TEST_SECRET, allowFrom: "loopback" });
    const { inputs, listen } = recorder();
    receiver.on("*", listen);
    const names = sampleNames().filter((name) => name !== "ping");
    for (const name of names) {
      const answer = await receiver.fetch(signedRequest(name), FROM_HERE);
      assert.equal(answer.status, 200, `${name}: ${await answer.text()}`);
    }
    assert.deepEqual(
      inputs.map(({ event, delivery: { action } }, index) =>
        names[index]?.includes(".") ? `${event}.${action}` : event,
      ),
      names,
    );
  });

  it("can be sent over HTTP", async (t) => {
    const { url } = await mount(t, { secrets: TEST_SECRET });
    assert.equal((await fetch(signedRequest("push", { url }))).status, 204);
  });

  it("is changed as a test wants it", async () => {
    const request = signedRequest("issues.opened", {
      payload: { action: "edited" },
      guid: "one",
      webhookId: 7,
      secret: "another one, for this test",
      url: "https://app.example/hooks",
      headers: { "x-extra": "1", "user-agent": undefined },
    });
    const body = await request.text();
    assert.deepEqual(JSON.parse(body), { ...samplePayload("issues.opened"), action: "edited" });
    const signature = request.headers.get("x-hub-signature-256") ?? "";
    assert.ok(verifySignature("another one, for this test", body, signature));
    assert.deepEqual(
      ["x-github-delivery", "x-github-hook-id", "x-extra", "user-agent"].map((name) =>
        request.headers.get(name),
      ),
      ["one", "7", "1", null],
    );
    assert.equal(request.url, "https://app.example/hooks");
  });

  it("has a body of one's own, a form's, or no signature", async () => {
    const receiver = createReceiver({ secrets: TEST_SECRET, allowFrom: "loopback" });
    const { inputs, listen } = recorder();
    receiver.on("brand_new", listen);
    for (const body of [{ a: 1 }, '{"a":1}', Buffer.from('{"a":1}')])
      await receiver.fetch(signedRequest("brand_new", { body, form: true }), FROM_HERE);
    assert.deepEqual(
      inputs.map(({ payload }) => payload),
      [{ a: 1 }, { a: 1 }, { a: 1 }],
    );
    const unsigned = await receiver.fetch(signedRequest("push", { secret: null }), FROM_HERE);
    assert.match(await unsigned.text(), /signature_missing/);
  });

  it("says which samples there are when there is none", () => {
    assert.throws(
      () => signedRequest("isues.opened"),
      /no sample of "isues.opened". Did you mean "issues.opened"/,
    );
  });
});

describe("samplePayload", () => {
  it("is a copy, so that no test changes another's", () => {
    const payload = samplePayload("push");
    payload.ref = "refs/heads/changed";
    assert.notEqual(samplePayload("push").ref, "refs/heads/changed");
  });
});
