import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

describe("GitHub's Redeliver button", () => {
  it("runs a hook again that has failed, and only that one", async (t) => {
    const place = workplace(t);
    place.write("hooks/build.yml", "on: push\nrun: echo built");
    place.write("hooks/deploy.yml", `on: push\nrun: cat "${place.folder}/credentials"`);
    const server = await place.serve();
    const look = await lookInto(t, place);
    const push = { guid: randomUUID(), body: pushPayload() };
    const redeliver = async () => {
      const answer = await server.send(push);
      return { status: answer.status, runs: runsOf(answer) };
    };

    const [build, deploy] = (await redeliver()).runs;
    await look.reached(build, "succeeded");
    assert.equal((await look.reached(deploy, "failed")).exitCode, 1);

    place.write("credentials", "now they are there");
    const again = await redeliver();
    assert.equal(again.status, 202);
    assert.equal(again.runs.length, 1);
    const retry = await look.reached(again.runs[0], "succeeded");
    assert.deepEqual([retry.hook, retry.retryOf, retry.attempt], ["deploy", deploy, 1]);
    assert.equal((await look.reached(deploy, "failed")).exitCode, 1);

    assert.deepEqual(await redeliver(), { status: 200, runs: [] });
    assert.equal((await look.runs()).length, 3);
  });
});
