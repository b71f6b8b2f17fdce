import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { readContents } from "../../src/store/deliveries.ts";
import type { RunStatus } from "../../src/store/tables.ts";
import { assertRefused, deliveryOf, storedDeliveries } from "../support/contract.ts";
import { type DeliveryOptions, FROM_GITHUB, pushPayload, SECRET } from "../support/github.ts";
import type { Answer } from "../support/http.ts";
import { pushHook, startReceiver, type TestReceiver } from "../support/receiver.ts";
import { PATIENT, sendTogether } from "../support/together.ts";

/** One delivery that can be sent again and again. */
function same(changes: DeliveryOptions = {}): DeliveryOptions {
  return { guid: randomUUID(), body: JSON.stringify(pushPayload()), ...changes };
}

function runsIn({ json }: Answer): number[] {
  return (json as { runs: number[] }).runs;
}

async function allRuns({ db }: TestReceiver) {
  const rows = await db.selectFrom("runs").selectAll().orderBy("id").execute();
  return rows.map(({ id, hook, status, retry_of }) => ({ id, hook, status, retry_of }));
}

/** Ends a run as the worker would. */
async function setStatus({ db }: TestReceiver, id: number | undefined, status: RunStatus): Promise<void> {
  const isRunning = status === "running";
  const isOver = status !== "queued" && !isRunning;
  await db
    .updateTable("runs")
    .set({
      status,
      attempt: 1,
      started_at: 1,
      finished_at: isOver ? 2 : null,
      worker: isRunning ? "w1" : null,
      lease_until: isRunning ? Date.now() + 60_000 : null,
    })
    .where("id", "=", id ?? 0)
    .execute();
}

describe("a delivery that comes again", () => {
  it("is answered with 200, and neither stored nor run again", async (t) => {
    const receiver = await startReceiver(t);
    const sent = same();
    const first = await receiver.send(sent);
    const { delivery } = first.json as { delivery: number };
    for (let i = 0; i < 3; i++) {
      const { status, json } = await receiver.send(sent);
      assert.deepEqual({ status, json }, { status: 200, json: { delivery, duplicate: true, runs: [] } });
    }
    assert.equal((await storedDeliveries(receiver)).length, 1);
    assert.equal((await allRuns(receiver)).length, 1);
  });

  it("starts one run, also when 50 copies come at once (story 32)", async (t) => {
    const receiver = await startReceiver(t, PATIENT);
    const answers = await sendTogether(receiver, Array(50).fill(same()));
    const firsts = answers.filter(({ json }) => !(json as { duplicate?: boolean }).duplicate);
    assert.equal(firsts.length, 1);
    assert.equal(firsts[0]?.status, 202);
    assert.deepEqual(
      answers.filter((answer) => answer !== firsts[0]).map(({ status }) => status),
      Array(49).fill(200),
    );
    assert.equal((await storedDeliveries(receiver)).filter(({ event }) => event === "push").length, 1);
    assert.equal((await allRuns(receiver)).length, 1);
  });

  it("is judged by the stored event and body: what the new request says counts for nothing", async (t) => {
    const receiver = await startReceiver(t, {
      hooks: [pushHook(), pushHook("on-issues", { on: [{ event: "issues" }] })],
    });
    const sent = same();
    const first = await receiver.send(sent);
    const before = await deliveryOf(receiver, first);
    const contents = await readContents(receiver.db, before.id);

    const again = await receiver.send({
      ...sent,
      event: "issues",
      body: pushPayload({ ref: "refs/heads/other" }),
      headers: { "user-agent": "another", "x-github-hook-installation-target-id": "2" },
    });
    assert.deepEqual(again.json, { delivery: before.id, duplicate: true, runs: [] });
    assert.deepEqual(await deliveryOf(receiver, first), before);
    assert.deepEqual(await readContents(receiver.db, before.id), contents);
    assert.equal((await allRuns(receiver)).length, 1);
  });

  it("is verified like any other (story 34)", async (t) => {
    const receiver = await startReceiver(t);
    const sent = same();
    await receiver.send(sent);
    assertRefused(await receiver.send({ ...sent, secret: `${SECRET}.` }), 403, "signature_mismatch");
    assertRefused(await receiver.send({ ...sent, body: "[]" }), 400, "body_invalid");
  });

  it("is answered as one, also where it is a ping", async (t) => {
    const receiver = await startReceiver(t);
    const sent = same({ event: "ping" });
    assert.equal((await receiver.send(sent)).text, "pong");
    const { status, json } = await receiver.send(sent);
    assert.equal(status, 200);
    assert.equal((json as { duplicate: boolean }).duplicate, true);
  });
});

describe("one GUID", () => {
  it("on two webhooks is two deliveries (story 33)", async (t) => {
    const receiver = await startReceiver(t, { trustProxyIsExplicit: true });
    const sent = same({ headers: FROM_GITHUB });
    for (const webhookId of ["1", "2"])
      assert.equal((await receiver.send({ ...sent, webhookId })).status, 202);
    const stored = await storedDeliveries(receiver);
    assert.deepEqual(
      stored.map(({ webhookId, runs }) => ({ webhookId, runs: runs.length })),
      [
        { webhookId: 1, runs: 1 },
        { webhookId: 2, runs: 1 },
      ],
    );
  });

  it("at two sources is two deliveries (story 33)", async (t) => {
    const receiver = await startReceiver(t, { sources: [{ name: "forge" }] });
    const sent = same();
    for (const path of ["/github", "/forge"])
      assert.equal((await receiver.send({ ...sent, path })).status, 202);
    const stored = await storedDeliveries(receiver);
    assert.deepEqual(
      stored.map(({ source, runs }) => ({ source, runs: runs.length })),
      [
        { source: "github", runs: 1 },
        { source: "forge", runs: 1 },
      ],
    );
  });

  it("without a webhook id is one delivery", async (t) => {
    const receiver = await startReceiver(t);
    const sent = same({ headers: { "x-github-hook-id": undefined } });
    assert.equal((await receiver.send(sent)).status, 202);
    assert.equal((await receiver.send(sent)).status, 200);
    assert.equal((await storedDeliveries(receiver)).length, 1);
  });

  it("in other letters is another delivery", async (t) => {
    const receiver = await startReceiver(t);
    const guid = randomUUID();
    for (const spelling of [guid, guid.toUpperCase(), guid.replaceAll("-", "")])
      assert.equal((await receiver.send({ guid: spelling })).status, 202);
    assert.equal((await storedDeliveries(receiver)).length, 3);
  });
});

describe("a redelivery", () => {
  it("runs again what has failed", async (t) => {
    const receiver = await startReceiver(t);
    const sent = same();
    const [failed] = runsIn(await receiver.send(sent));
    await setStatus(receiver, failed, "failed");

    const answer = await receiver.send(sent);
    const [again] = runsIn(answer);
    const { delivery } = answer.json as { delivery: number };
    assert.deepEqual(
      { status: answer.status, json: answer.json },
      { status: 202, json: { delivery, duplicate: true, runs: [again] } },
    );
    assert.notEqual(again, failed);
    assert.deepEqual((await allRuns(receiver)).at(-1), {
      id: again,
      hook: "deploy",
      status: "queued",
      retry_of: failed,
    });
    assert.equal((await receiver.send(sent)).status, 200);
  });

  it("runs it again once, also when 50 copies come at once (story 32)", async (t) => {
    const receiver = await startReceiver(t, PATIENT);
    const sent = same();
    const [failed] = runsIn(await receiver.send(sent));
    await setStatus(receiver, failed, "failed");
    const answers = await sendTogether(receiver, Array(50).fill(sent));
    assert.equal(answers.filter(({ status }) => status === 202).length, 1);
    assert.equal((await allRuns(receiver)).length, 2);
  });

  it("goes by the last run: a retry that has not failed is not run again", async (t) => {
    const receiver = await startReceiver(t);
    const sent = same();
    const [first] = runsIn(await receiver.send(sent));
    await setStatus(receiver, first, "failed");
    const [second] = runsIn(await receiver.send(sent));
    await setStatus(receiver, second, "succeeded");
    assert.equal((await receiver.send(sent)).status, 200);
    await setStatus(receiver, second, "failed");
    assert.equal((await receiver.send(sent)).status, 202);
  });

  for (const status of ["queued", "running", "succeeded", "cancelled", "skipped"] as const) {
    it(`does not run again what is ${status}`, async (t) => {
      const receiver = await startReceiver(t);
      const sent = same();
      const [run] = runsIn(await receiver.send(sent));
      await setStatus(receiver, run, status);
      const answer = await receiver.send(sent);
      assert.equal(answer.status, 200);
      assert.deepEqual(runsIn(answer), []);
      assert.equal((await allRuns(receiver)).length, 1);
    });
  }

  it("runs, of several hooks, those again that have failed", async (t) => {
    const receiver = await startReceiver(t, { hooks: ["a", "b", "c"].map((name) => pushHook(name)) });
    const sent = same();
    await receiver.send(sent);
    const [a, b, c] = await allRuns(receiver);
    await setStatus(receiver, a?.id, "failed");
    await setStatus(receiver, b?.id, "succeeded");
    await setStatus(receiver, c?.id, "failed");
    assert.equal(runsIn(await receiver.send(sent)).length, 2);
    assert.deepEqual(
      (await allRuns(receiver)).slice(3).map(({ hook, retry_of }) => ({ hook, retry_of })),
      [
        { hook: "a", retry_of: a?.id },
        { hook: "c", retry_of: c?.id },
      ],
    );
  });

  it("does not start a hook that has been added since", async (t) => {
    const receiver = await startReceiver(t);
    const sent = same();
    await receiver.send(sent);
    receiver.hooks = [pushHook(), pushHook("new")];
    assert.deepEqual(runsIn(await receiver.send(sent)), []);
  });

  it("does not start a hook that is gone", async (t) => {
    const receiver = await startReceiver(t);
    const sent = same();
    const [run] = runsIn(await receiver.send(sent));
    await setStatus(receiver, run, "failed");
    receiver.hooks = [];
    const answer = await receiver.send(sent);
    assert.deepEqual({ status: answer.status, runs: runsIn(answer) }, { status: 200, runs: [] });
    receiver.hooks = [pushHook()];
    assert.equal(runsIn(await receiver.send(sent)).length, 1);
  });
});
