import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sample } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";

describe("a ping", () => {
  it("is answered with pong, stored, and run by the hooks that ask for it", async (t) => {
    const place = workplace(t, {
      files: { "hooks/deploy.yml": "on: push\nrun: false", "hooks/greet.yml": "on: ping\nrun: echo hello" },
    });
    const server = await place.serve();
    const look = await lookInto(t, place);

    const answer = await server.send({ event: "ping", body: sample("ping") });

    assert.deepEqual([answer.status, answer.text], [200, "pong"]);
    assert.match(String(answer.headers["content-type"]), /^text\/plain/);
    const [delivery] = await look.deliveries();
    assert.deepEqual([delivery?.event, delivery?.runs.map(({ hook }) => hook)], ["ping", ["greet"]]);
    await look.reached(delivery?.runs[0]?.id, "succeeded");
  });

  it("needs neither a repository nor a sender (story 37)", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: false" } });
    const server = await place.serve();
    const look = await lookInto(t, place);

    const answer = await server.send({ event: "ping", body: { zen: "Speak like a human.", hook_id: 1 } });

    assert.deepEqual([answer.status, answer.text], [200, "pong"]);
    const [delivery] = await look.deliveries();
    assert.deepEqual([delivery?.event, delivery?.repository, delivery?.runs], ["ping", null, []]);
  });
});
