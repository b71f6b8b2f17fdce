import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

const HOOK = "on: push\nrun: echo deployed";
/** One of GitHub's addresses in the list that comes with Longshore. */
const FROM_GITHUB = { "x-forwarded-for": "140.82.115.7" };

describe("a delivery that comes again", () => {
  it("runs once, also when 50 copies come at once (story 32)", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": HOOK } });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const copy = { guid: randomUUID(), body: pushPayload() };

    const answers = await Promise.all(Array.from({ length: 50 }, () => server.send(copy)));

    const stored = await look.deliveries();
    const runs = await look.runs();
    assert.deepEqual([stored.length, runs.length], [1, 1]);
    assert.deepEqual(
      answers.filter(({ status }) => status === 202).map(({ json }) => json),
      [{ delivery: stored[0]?.id, runs: [runs[0]?.id] }],
    );
    for (const { status, json } of answers.filter((answer) => answer.status !== 202))
      assert.deepEqual([status, json], [200, { delivery: stored[0]?.id, duplicate: true, runs: [] }]);

    await look.reached(runs[0]?.id, "succeeded");
    assert.equal((await server.send(copy)).status, 200);
    assert.equal((await look.runs()).length, 1);
  });

  it("runs for each of two webhooks that GitHub has sent it to (story 33)", async (t) => {
    const place = workplace(t, {
      files: { "hooks/deploy.yml": HOOK },
      environment: { LONGSHORE_TRUST_PROXY: "loopback" },
    });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const delivery = { guid: randomUUID(), body: pushPayload(), headers: FROM_GITHUB };

    const answers = [
      await server.send({ ...delivery, webhookId: "1001" }),
      await server.send({ ...delivery, webhookId: "1002" }),
    ];

    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202],
    );
    for (const answer of answers) await look.reached(runsOf(answer)[0], "succeeded");
    assert.deepEqual(
      (await look.deliveries()).map(({ webhookId, replayed }) => [webhookId, replayed]),
      [
        [1001, false],
        [1002, false],
      ],
    );
  });

  it("is stored but not run when a stranger sends a body that came before (story 34)", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": HOOK } });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const body = pushPayload();
    const original = await server.send({ body });

    const replays = [
      await server.send({ body }),
      await server.send({ body, webhookId: "1002" }),
      // Whoever speaks for a proxy that nobody has named may say what he likes.
      await server.send({ body, headers: FROM_GITHUB }),
    ];

    await look.reached(runsOf(original)[0], "succeeded");
    const stored = await look.deliveries();
    assert.deepEqual(
      stored.map(({ replayed, runs }) => [replayed, runs.length]),
      [
        [false, 1],
        [true, 0],
        [true, 0],
        [true, 0],
      ],
    );
    for (const [index, answer] of replays.entries()) {
      assert.equal(answer.status, 202);
      assert.deepEqual(answer.json, { delivery: stored[index + 1]?.id, replayed: true, runs: [] });
    }
  });
});
