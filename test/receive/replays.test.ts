import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { deliveryOf, storedDeliveries } from "../support/contract.ts";
import { type DeliveryOptions, FROM_GITHUB, pushPayload } from "../support/github.ts";
import type { Answer } from "../support/http.ts";
import { type ReceiverOptions, startReceiver, type TestReceiver } from "../support/receiver.ts";
import { PATIENT, sendTogether } from "../support/together.ts";
import { until } from "../support/until.ts";

const OLD = { name: "old", value: "the old secret of this source" };
const NEW = { name: "new", value: "the new secret of this source" };
/** The owner has named the proxy, so what it says makes a sender known. */
const NAMED_PROXY: ReceiverOptions = { trustProxyIsExplicit: true };
const OTHER_PROXY: ReceiverOptions = { ...NAMED_PROXY, source: { allowFrom: ["any"] } };

async function assertHeldBack(receiver: TestReceiver, answer: Answer): Promise<void> {
  const { id, replayed, runs } = await deliveryOf(receiver, answer);
  assert.deepEqual({ replayed, runs }, { replayed: true, runs: [] });
  assert.deepEqual(
    { status: answer.status, json: answer.json },
    { status: 202, json: { delivery: id, replayed: true, runs: [] } },
  );
}

async function assertRuns(receiver: TestReceiver, answer: Answer): Promise<void> {
  const { id, replayed, runs } = await deliveryOf(receiver, answer);
  assert.deepEqual(
    { status: answer.status, replayed, count: runs.length },
    { status: 202, replayed: false, count: 1 },
  );
  assert.deepEqual(answer.json, { delivery: id, runs: runs.map((run) => run.id) });
}

/** Sends the same body as two deliveries, and returns the second answer. */
async function sendTwice(
  receiver: TestReceiver,
  options: DeliveryOptions = {},
  changes: DeliveryOptions = {},
) {
  const body = JSON.stringify(pushPayload());
  await assertRuns(receiver, await receiver.send({ body, ...options }));
  return receiver.send({ body, ...options, ...changes });
}

const receiver = await startReceiver({ after });

describe("a body that came before", () => {
  it("is stored and held back under another GUID (story 34)", async (t) => {
    const receiver = await startReceiver(t);
    await assertHeldBack(receiver, await sendTwice(receiver));
    const warnings = receiver.log.filter(({ level }) => level === "warn");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]?.message ?? "", /starts nothing/);
  });

  it("is stored and held back under another webhook id (story 34)", async () => {
    const guid = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
    await assertHeldBack(receiver, await sendTwice(receiver, { guid }, { webhookId: "2" }));
  });

  it("is stored and held back under another event's name (story 34)", async () => {
    await assertHeldBack(receiver, await sendTwice(receiver, {}, { event: "workflow_dispatch" }));
  });

  it("is held back every time, and its own redelivery starts nothing either", async () => {
    const body = JSON.stringify(pushPayload());
    await receiver.send({ body });
    for (const guid of ["second", "third"])
      await assertHeldBack(receiver, await receiver.send({ body, guid }));
    const { status, json } = await receiver.send({ body, guid: "second" });
    assert.equal(status, 200);
    assert.deepEqual((json as { runs: number[] }).runs, []);
  });

  it("is held back when both come at once (story 34)", async (t) => {
    const receiver = await startReceiver(t, PATIENT);
    const body = JSON.stringify(pushPayload());
    await sendTogether(receiver, Array(20).fill({ body }));
    const stored = (await storedDeliveries(receiver)).filter(({ event }) => event === "push");
    assert.equal(stored.length, 20);
    assert.equal(stored.filter(({ replayed }) => !replayed).length, 1);
    assert.equal(stored.flatMap(({ runs }) => runs).length, 1);
  });

  it("is held back for each source by itself", async (t) => {
    const receiver = await startReceiver(t, { sources: [{ name: "forge" }] });
    await assertRuns(receiver, await sendTwice(receiver, {}, { path: "/forge" }));
  });

  it("is another one as soon as a byte differs", async () => {
    const body = JSON.stringify(pushPayload());
    for (const changed of [body, `${body} `, `${body}\n`])
      await assertRuns(receiver, await receiver.send({ body: changed }));
  });

  it("is still only a duplicate under its own GUID and webhook id", async () => {
    const answer = await sendTwice(receiver, { guid: "the-same" });
    const { id, replayed } = await deliveryOf(receiver, answer);
    assert.equal(replayed, false);
    assert.deepEqual(answer.json, { delivery: id, duplicate: true, runs: [] });
  });

  it("is answered with pong where it is a ping", async () => {
    const body = '{"zen":"Keep it logically awesome."}';
    for (let i = 0; i < 2; i++) assert.equal((await receiver.send({ event: "ping", body })).text, "pong");
  });

  it("was never seen where no secret has vouched for it", async (t) => {
    const receiver = await startReceiver(t, { secrets: [], source: { insecureNoSecret: true } });
    await assertRuns(receiver, await sendTwice(receiver));
  });

  it("was never seen where its signature was wrong", async () => {
    const body = JSON.stringify(pushPayload());
    assert.equal((await receiver.send({ body, secret: "wrong" })).status, 403);
    await assertRuns(receiver, await receiver.send({ body }));
  });
});

describe("a body that came before, from a sender", () => {
  it("whom a proxy that the owner named calls GitHub is run: GitHub sends equal bodies", async (t) => {
    const receiver = await startReceiver(t, NAMED_PROXY);
    await assertRuns(receiver, await sendTwice(receiver, { headers: FROM_GITHUB }));
  });

  it("whom loopback calls GitHub, though nobody named it as a proxy, is held back (story 34)", async () => {
    await assertHeldBack(receiver, await sendTwice(receiver, { headers: FROM_GITHUB }));
  });

  it("whom the named proxy calls somebody else is held back (story 34)", async (t) => {
    const receiver = await startReceiver(t, OTHER_PROXY);
    const headers = { "x-forwarded-for": "203.0.113.9" };
    await assertHeldBack(receiver, await sendTwice(receiver, { headers: FROM_GITHUB }, { headers }));
  });

  it("who spoofs GitHub's address before the named proxy's entry is held back (stories 14, 34)", async (t) => {
    const receiver = await startReceiver(t, OTHER_PROXY);
    const headers = { "x-forwarded-for": "140.82.112.1, 203.0.113.9" };
    await assertHeldBack(receiver, await sendTwice(receiver, { headers: FROM_GITHUB }, { headers }));
  });

  it("who comes from GitHub's address itself is run", async (t) => {
    const receiver = await startReceiver(t, { github: ["127.0.0.0/8"] });
    await assertRuns(receiver, await sendTwice(receiver));
  });

  it("who is admitted, but not GitHub, is held back (story 34)", async (t) => {
    const receiver = await startReceiver(t, { source: { allowFrom: ["127.0.0.1"] } });
    await assertHeldBack(receiver, await sendTwice(receiver));
  });
});

describe("replay-protection: off", () => {
  it("runs every body under a new GUID", async (t) => {
    const receiver = await startReceiver(t, { source: { holdReplays: false } });
    await assertRuns(receiver, await sendTwice(receiver));
  });

  it("still remembers the bodies, for when it is on", async (t) => {
    const receiver = await startReceiver(t, { source: { holdReplays: false }, sources: [{ name: "forge" }] });
    await receiver.send();
    const rows = await receiver.db.selectFrom("bodies_seen").select("source").execute();
    assert.deepEqual(
      rows.map(({ source }) => source),
      ["github"],
    );
  });
});

describe("a secret that is no longer live", () => {
  it("takes the bodies with it that only it has verified", async (t) => {
    const secrets = [NEW, OLD];
    const receiver = await startReceiver(t, { secrets });
    const bodies = [OLD, NEW].map(({ value }) => ({ secret: value, body: JSON.stringify(pushPayload()) }));
    for (const sent of bodies) await assertRuns(receiver, await receiver.send(sent));

    secrets.pop();
    receiver.forgetBodies("github", [NEW.name]);
    await until("the old secret's body is forgotten", async () => {
      const rows = await receiver.db.selectFrom("bodies_seen").select("secret").execute();
      return rows.every(({ secret }) => secret === NEW.name);
    });
    const [ofOld, ofNew] = bodies.map(({ body }) => ({ body, secret: NEW.value }));
    await assertRuns(receiver, await receiver.send(ofOld));
    await assertHeldBack(receiver, await receiver.send(ofNew));
  });

  it("leaves the bodies of other sources alone", async (t) => {
    const receiver = await startReceiver(t, { sources: [{ name: "forge" }] });
    const body = JSON.stringify(pushPayload());
    for (const path of ["/github", "/forge"]) await assertRuns(receiver, await receiver.send({ body, path }));
    receiver.forgetBodies("github", []);
    await assertRuns(receiver, await receiver.send({ body, path: "/github" }));
    await assertHeldBack(receiver, await receiver.send({ body, path: "/forge" }));
  });
});
