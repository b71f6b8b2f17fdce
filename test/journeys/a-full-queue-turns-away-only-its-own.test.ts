import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

describe("a hook whose queue is full", () => {
  it("gets no more runs, while its deliveries are stored and other hooks run", async (t) => {
    const place = workplace(t, {
      files: {
        "longshore.yml": "max-queued: 2\n",
        "hooks/slow.yml": "on: push\nrun: echo slow",
        "hooks/quick.yml": "on: push\nrun: echo quick",
      },
    });
    const first = await place.serve("--only", "receiver");
    await place.cli("hooks", "disable", "quick");
    await first.end("SIGTERM");
    const server = await place.serve("--only", "receiver");
    const answers = [await server.send(), await server.send()];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202],
    );
    // One hook's waiting runs are no other's: enabled only now, it has its whole queue before it.
    await place.cli("hooks", "enable", "quick");
    await until("both hooks match", async () => runsOf(await server.send()).length === 2);
    const look = await lookInto(t, place);
    const runs = (await look.runs()).map(({ hook, status }) => `${hook} ${status}`);
    assert.equal(runs.filter((run) => run === "slow queued").length, 2);
    assert.ok(runs.includes("slow cancelled"), runs.join());
    assert.equal(runs.filter((run) => run === "quick queued").length, 1);
    const { items } = await place.json<{ items: { reason: string }[] }>(
      "runs",
      "list",
      "--status",
      "cancelled",
    );
    for (const { reason } of items)
      assert.equal(reason, "2 runs of this hook are waiting already (`max-queued`)");
    await until("the log says so", () => /"slow".*the queue of a hook is full/.test(server.stderr()));

    const again = await place.cli("deliveries", "replay", "3", "--hook", "slow");
    assert.match(again.stdout, /cancelled at once: .*max-queued/);
    const byHand = await place.cli("run", "slow", "--repo", "acme/site", "--ref", "main");
    assert.equal(byHand.code, 1);
    assert.match(byHand.stdout, /cancelled, .*max-queued/);
  });
});
