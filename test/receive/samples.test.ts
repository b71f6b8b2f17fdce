import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadSamples, type Sample } from "../../src/github/samples.ts";
import { type Delivery, readContents } from "../../src/store/deliveries.ts";
import { storedDeliveries } from "../support/contract.ts";
import { delivery, FROM_GITHUB } from "../support/github.ts";
import { type Answer, fetchRaw, type Outgoing } from "../support/http.ts";
import { type ReceiverOptions, startReceiver } from "../support/receiver.ts";

const AT_ONCE = 16;
/** Some samples are equal, so the receiver has to know that it is GitHub who sends them. */
const BEHIND_A_PROXY: ReceiverOptions = { trustProxyIsExplicit: true };

type Sent = Sample & { outgoing: Outgoing & { guid: string; body: Buffer }; answer: Answer };

for (const form of [false, true]) {
  describe(`every sample payload of GitHub's, sent as ${form ? "a form" : "JSON"}`, () => {
    it("is accepted, stored byte for byte, and answered by what it is (stories 11, 37, 38)", async (t) => {
      const receiver = await startReceiver(t, BEHIND_A_PROXY);
      const sent = await sendAll(receiver.url, form);
      assert.equal(sent.length, 329);

      const stored = new Map((await storedDeliveries(receiver)).map((row) => [row.guid, row]));
      assert.equal(stored.size, sent.length);
      for (const { event, payload, outgoing, answer } of sent) {
        const row = stored.get(outgoing.guid);
        assert.ok(row, `${event} is not stored`);
        assertAnswered(event, payload, answer, row);
        assertFacts(event, payload, row);
        assert.equal(row.size, outgoing.body.length);
        const contents = await readContents(receiver.db, row.id);
        assert.ok(contents?.body.equals(outgoing.body), `${event} ${payload.action} came back changed`);
      }
    });
  });
}

async function sendAll(url: string, form: boolean): Promise<Sent[]> {
  const waiting = loadSamples().map((sample) => ({
    ...sample,
    outgoing: delivery({ event: sample.event, body: sample.payload, form, headers: FROM_GITHUB }),
  }));
  const sent: Sent[] = [];
  const sendOn = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop())
      sent.push({ ...next, answer: await fetchRaw(url, next.outgoing) });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendOn));
  return sent;
}

/** The receiver has one hook, for pushes. */
function assertAnswered(event: string, payload: Sample["payload"], answer: Answer, row: Delivery): void {
  const { status, text, json } = answer;
  const runs = row.runs.map(({ id }) => id);
  const isForHook = event === "push" && payload.deleted !== true;
  assert.equal(runs.length, isForHook ? 1 : 0, event);
  if (event === "ping") assert.deepEqual({ status, text }, { status: 200, text: "pong" });
  else if (isForHook) assert.deepEqual({ status, json }, { status: 202, json: { delivery: row.id, runs } });
  else assert.deepEqual({ status, text }, { status: 204, text: "" }, event);
}

function assertFacts(event: string, payload: Sample["payload"], row: Delivery): void {
  const { repository, sender } = payload as {
    repository?: { full_name: string };
    sender?: { login: string };
  };
  assert.deepEqual(
    {
      event: row.event,
      action: row.action,
      repository: row.repository,
      sender: row.sender,
      source: row.source,
      webhookId: row.webhookId,
      secret: row.secret,
      client: row.client,
      replayed: row.replayed,
    },
    {
      event,
      action: payload.action ?? null,
      repository: repository?.full_name ?? null,
      sender: sender?.login ?? null,
      source: "github",
      webhookId: 1001,
      secret: "only",
      client: "140.82.112.1",
      replayed: false,
    },
  );
}
