import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

describe("servers with one database", () => {
  it("run each delivery once, whichever of them has received it (story 36)", async (t) => {
    const place = workplace(t);
    const log = join(place.folder, "ran");
    place.write("hooks/deploy.yml", `on: push\nstale: run\nrun: echo "$LONGSHORE_RUN" >> ${log}`);
    const servers = [await place.serve(), await place.serve()];
    const look = await lookInto(t, place);

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => servers[index % 2]?.send() ?? assert.fail()),
    );

    const runs = answers.flatMap(runsOf);
    for (const run of runs) assert.equal((await look.reached(run, "succeeded")).attempt, 1);
    const ran = readFileSync(log, "utf8").trim().split("\n").map(Number);
    assert.deepEqual(ran.sort(byNumber), runs.sort(byNumber));
  });

  it("can divide their roles: one receives, one works", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" } });
    const receiver = await place.serve("--only", "receiver");
    const look = await lookInto(t, place);
    const [run] = runsOf(await receiver.send());
    await look.reached(run, "queued");

    const worker = await place.serve("--only", "worker");
    assert.equal(JSON.parse(worker.stdout()).url, null);
    await look.reached(run, "succeeded");
    const [next] = runsOf(await receiver.send());
    await look.reached(next, "succeeded");
  });
});

function byNumber(a: number, b: number): number {
  return a - b;
}
