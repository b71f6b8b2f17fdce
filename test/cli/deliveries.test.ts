import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { keepRefusals } from "../../src/store/refusals.ts";
import { finishRun } from "../../src/store/run-ends.ts";
import { claimRuns } from "../../src/store/run-queue.ts";
import { pushPayload, sample } from "../support/github.ts";
import { type Look, lookInto } from "../support/look.ts";
import { type Workplace, workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

interface ListJson {
  items: { id: number; [name: string]: unknown }[];
  next: string | null;
}

const GUID = "3f2d0c4a-1c7c-11f0-8d0b-6c1ed3a08a11";
const AT = Date.parse("2026-11-24T08:00:00.123Z");
const HOUR = 3_600_000;

async function stored(t: TestContext): Promise<{ place: Workplace; look: Look }> {
  const place = workplace(t);
  return { place, look: await lookInto(t, place) };
}

async function ids(place: Workplace, ...args: string[]): Promise<number[]> {
  const { items } = await place.json<ListJson>("deliveries", "list", ...args);
  return items.map(({ id }) => id);
}

describe("deliveries list", { concurrency: 2 }, () => {
  it("prints each delivery as an object of exactly these members, the newest first", async (t) => {
    const { place, look } = await stored(t);
    await storeDelivery(look.store, { guid: GUID, receivedAt: AT, hooks: ["deploy"] });
    await storeDelivery(look.store, { event: "ping", payload: { zen: "" }, receivedAt: AT, webhookId: 0 });
    const list = await place.json<ListJson>("deliveries", "list");
    assert.deepEqual(Object.keys(list), ["items", "next"]);
    const [ping, push] = list.items;
    assert.deepEqual(push, {
      id: 1,
      guid: GUID,
      source: "github",
      webhookId: 1001,
      event: "push",
      action: null,
      repository: "acme/site",
      ref: "refs/heads/main",
      sender: "alice",
      receivedAt: "2026-11-24T08:00:00.123Z",
      size: push?.size,
      replayed: false,
      runs: [{ id: 1, hook: "deploy", status: "queued" }],
    });
    assert.equal(push?.size, JSON.stringify(pushPayload()).length);
    assert.deepEqual([ping?.id, ping?.webhookId, ping?.repository, ping?.runs], [2, null, null, []]);
    assert.equal(list.next, null);
  });

  it("prints a table for people", async (t) => {
    const { place, look } = await stored(t);
    await storeDelivery(look.store, { receivedAt: AT, hooks: ["deploy"] });
    await storeDelivery(look.store, { event: "issues", payload: { action: "opened" }, receivedAt: AT });
    const { stdout } = await place.cli("deliveries", "list");
    assert.deepEqual(
      stdout.split("\n").map((line) => line.split(/ {2,}/)),
      [
        ["ID", "RECEIVED (UTC)", "EVENT", "REPOSITORY", "REF", "SENDER", "RUNS"],
        ["2", "2026-11-24 08:00:00", "issues.opened", "–", "–", "–", "–"],
        ["1", "2026-11-24 08:00:00", "push", "acme/site", "refs/heads/main", "alice", "deploy queued (1)"],
        [""],
      ],
    );
  });

  it("says that there are none", async (t) => {
    const { place } = await stored(t);
    const { code, stdout } = await place.cli("deliveries", "list");
    assert.deepEqual([code, stdout], [0, "No deliveries.\n"]);
    assert.deepEqual(await place.json("deliveries", "list"), { items: [], next: null });
  });

  it("can be narrowed down by each of its filters, and by all of them", async (t) => {
    const { place, look } = await stored(t);
    const { store } = look;
    const wanted = { guid: GUID, source: "partner", receivedAt: AT, hooks: ["deploy"] };
    const { delivery } = await storeDelivery(store, wanted);
    const [claimed] = await claimRuns(store.db, {
      worker: "w",
      hooks: ["deploy"],
      limit: 1,
      now: AT,
      leaseMs: 1,
    });
    const outcome = { status: "failed", exitCode: 1, signal: null, reason: null } as const;
    await finishRun(store.db, { ...(claimed ?? assert.fail()), worker: "w" }, outcome, AT);
    const other = { action: "opened", repository: { full_name: "acme/other", default_branch: "dev" } };
    await storeDelivery(store, { event: "issues", payload: other, receivedAt: AT - HOUR, hooks: ["triage"] });
    await storeDelivery(store, { event: "issues", payload: other, receivedAt: AT + HOUR });

    const filters = [
      ["--source", "partner"],
      ["--event", "push"],
      ["--repo", "acme/site"],
      ["--ref", "main"],
      ["--ref", "refs/heads/main"],
      ["--hook", "deploy"],
      ["--status", "failed"],
      ["--guid", GUID],
      ["--since", "2026-11-24T08:00:00.123Z", "--until", "2026-11-24T08:00:00.124Z"],
    ];
    const found = [...filters, filters.flat()].map(async (filter) => [filter, await ids(place, ...filter)]);
    for (const [filter, deliveries] of await Promise.all(found))
      assert.deepEqual(deliveries, [delivery], filter?.join(" "));
  });

  it("takes times as so long ago", async (t) => {
    const { place, look } = await stored(t);
    const now = Date.now();
    for (const hours of [5, 3, 1]) await storeDelivery(look.store, { receivedAt: now - hours * HOUR });
    assert.deepEqual(await ids(place, "--since", "4h", "--until", "2h"), [2]);
  });

  it("comes in pages that join without gap or overlap", async (t) => {
    const { place, look } = await stored(t);
    for (let n = 0; n < 7; n++) await storeDelivery(look.store);
    const pages: number[][] = [];
    let after: string[] = [];
    for (;;) {
      const { items, next } = await place.json<ListJson>("deliveries", "list", "--limit", "3", ...after);
      pages.push(items.map(({ id }) => id));
      if (next === null) break;
      after = ["--after", next];
    }
    assert.deepEqual(pages, [[7, 6, 5], [4, 3, 2], [1]]);
    const { stdout } = await place.cli("deliveries", "list", "--limit", "3");
    assert.match(stdout, /^More: add --after 5$/m);
  });

  it("shows 50 unless something else is said", async (t) => {
    const { place, look } = await stored(t);
    for (let n = 0; n < 51; n++) await storeDelivery(look.store);
    assert.equal((await ids(place)).length, 50);
    assert.equal((await ids(place, "--limit", "10000")).length, 51);
  });

  it("shows control and bidirectional characters of strangers as symbols (story 42)", async (t) => {
    const { place, look } = await stored(t);
    const ref = "refs/heads/\u001B[2J\u202Emain\u0007\r\n\u009B1m";
    await storeDelivery(look.store, {
      payload: pushPayload({ ref, sender: { login: "\u001B]0;owned\u0007" } }),
    });
    for (const args of [["list"], ["show", "1"]]) {
      const { stdout } = await place.cli("deliveries", ...args);
      assert.match(stdout, /refs\/heads\/␛\[2J<U\+202E>main␇␍␊<U\+009B>1m/);
      assert.match(stdout, /␛\]0;owned␇/);
      assert.doesNotMatch(stdout, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
    }
  });
});

describe("deliveries show", { concurrency: 2 }, () => {
  it("prints the delivery with its headers and payload", async (t) => {
    const { place, look } = await stored(t);
    const payload = sample("pull_request", "opened");
    const { delivery } = await storeDelivery(look.store, {
      event: "pull_request",
      payload,
      hooks: ["review"],
    });
    const shown = await place.json("deliveries", "show", String(delivery));
    const { items } = await place.json<ListJson>("deliveries", "list");
    assert.deepEqual(shown, {
      ...items[0],
      sha: (payload.pull_request as { head: { sha: string } }).head.sha,
      client: "127.0.0.1",
      secret: "only",
      verdicts: null,
      headers: { "content-type": "application/json", "x-github-event": "pull_request" },
      payload,
    });

    const { stdout } = await place.cli("deliveries", "show", String(delivery));
    assert.match(stdout, /^event {7}pull_request\.opened$/m);
    assert.match(stdout, /^runs\n {2}1 {2}review {2}queued$/m);
    assert.match(stdout, /^headers\n {2}content-type: application\/json$/m);
    assert.match(stdout, /^payload\n\{\n {2}"action": "opened",$/m);
  });

  it("prints the payload of a form, and with --body the bytes as they came", async (t) => {
    const { place, look } = await stored(t);
    const payload = pushPayload({ text: "ü +&%" });
    await storeDelivery(look.store, { payload, form: true });
    assert.deepEqual((await place.json<{ payload: object }>("deliveries", "show", "1")).payload, payload);
    const { stdout } = await place.cli("deliveries", "show", "1", "--body");
    assert.equal(stdout, `payload=${encodeURIComponent(JSON.stringify(payload))}`);
  });

  it("says that there is no such delivery", async (t) => {
    const { place } = await stored(t);
    const { code, stdout, stderr } = await place.cli("deliveries", "show", "7", "--json");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^There is no delivery 7\./);
  });
});

describe("deliveries refused", { concurrency: 2 }, () => {
  it("prints the newest first, with what they said of themselves", async (t) => {
    const { place, look } = await stored(t);
    const refusal = {
      at: AT,
      source: "github",
      peer: "203.0.113.9",
      event: "push",
      guid: GUID,
      webhookId: "7",
    };
    await keepRefusals(look.store.db, [
      { ...refusal, code: "signature_mismatch" },
      {
        ...refusal,
        code: "header_invalid",
        source: null,
        peer: null,
        event: null,
        guid: null,
        webhookId: null,
      },
    ]);
    const { items, next } = await place.json<ListJson>("deliveries", "refused");
    assert.deepEqual(items, [
      {
        ...{ id: 2, at: "2026-11-24T08:00:00.123Z", source: null, code: "header_invalid" },
        ...{ peer: null, event: null, guid: null, webhookId: null },
      },
      {
        ...{ id: 1, at: "2026-11-24T08:00:00.123Z", source: "github", code: "signature_mismatch" },
        ...{ peer: "203.0.113.9", event: "push", guid: GUID, webhookId: "7" },
      },
    ]);
    assert.equal(next, null);
    const { stdout } = await place.cli("deliveries", "refused", "--limit", "1");
    assert.deepEqual(
      stdout.split("\n").map((line) => line.split(/ {2,}/)),
      [
        ["AT (UTC)", "SOURCE", "CODE", "FROM", "EVENT (claimed)", "GUID (claimed)"],
        ["2026-11-24 08:00:00", "–", "header_invalid", "–", "–", "–"],
        [""],
      ],
    );
  });

  it("says that there are none", async (t) => {
    const { place } = await stored(t);
    assert.equal((await place.cli("deliveries", "refused")).stdout, "Nothing has been refused.\n");
  });
});
