import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { describe, it, type TestContext } from "node:test";
import { lookInto } from "../support/look.ts";
import { isRunning } from "../support/processes.ts";
import { workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";
import { until } from "../support/until.ts";

const REASON = `cancelled by ${userInfo().username}`;

async function setUp(t: TestContext, files: Record<string, string> = {}) {
  const place = workplace(t, { files });
  const look = await lookInto(t, place);
  return {
    place,
    look,
    cancel: (...args: string[]) => place.cli("runs", "cancel", ...args),
    states: async () => (await look.runs()).map(({ hook, status, reason }) => [hook, status, reason]),
  };
}

describe("runs cancel", { concurrency: 2 }, () => {
  it("ends a run that waits: it never starts, and who wanted it is in its reason", async (t) => {
    const { look, cancel, states } = await setUp(t);
    await storeDelivery(look.store, { hooks: ["deploy"] });
    const { code, stdout } = await cancel("1");
    assert.deepEqual([code, stdout], [0, "Run 1 of deploy does not start any more.\n"]);
    assert.deepEqual(await states(), [["deploy", "cancelled", REASON]]);
  });

  it("stops a run that is being performed, with all its processes", async (t) => {
    const { place, look, cancel } = await setUp(t, {
      "hooks/deploy.yml": "on: push\nrun: echo $$; exec sleep 300",
    });
    const server = await place.serve();
    await server.send();
    const pid = await until("it runs", async () => Number(await look.output(1)) || undefined);
    const { code, stdout } = await cancel("1");
    assert.deepEqual([code, stdout], [0, "Run 1 of deploy is being stopped.\n"]);
    assert.equal((await look.reached(1, "cancelled")).reason, REASON);
    assert.equal(isRunning(pid), false);
  });

  it("ends all that fit the filters, and only says which with --dry-run", async (t) => {
    const { look, cancel, states } = await setUp(t);
    for (const hook of ["deploy", "build", "deploy"]) await storeDelivery(look.store, { hooks: [hook] });
    const dry = await cancel("--hook", "deploy", "--dry-run");
    assert.equal(dry.stdout, "Run 1 of deploy would not start.\nRun 3 of deploy would not start.\n");
    assert.deepEqual(
      (await states()).map(([, status]) => status),
      ["queued", "queued", "queued"],
    );
    await cancel("--hook", "deploy");
    assert.deepEqual(
      (await states()).map(([hook, status]) => `${hook} ${status}`),
      ["deploy cancelled", "build queued", "deploy cancelled"],
    );
  });

  it("prints one JSON document", async (t) => {
    const { place, look } = await setUp(t);
    await storeDelivery(look.store, { hooks: ["deploy"] });
    assert.deepEqual(await place.json("runs", "cancel", "--status", "queued"), {
      dryRun: false,
      runs: [{ run: 1, hook: "deploy", result: "cancelled" }],
    });
  });

  it("fails for a run that has ended already, and leaves it as it is", async (t) => {
    const { look, cancel, states } = await setUp(t);
    await storeDelivery(look.store, { hooks: ["deploy"] });
    await cancel("1");
    const { code, stdout } = await cancel("1");
    assert.deepEqual([code, stdout], [1, "Run 1 of deploy has ended already: cancelled.\n"]);
    assert.deepEqual(await states(), [["deploy", "cancelled", REASON]]);
  });

  it("asks which when nothing says it, and when two things do", async (t) => {
    const { cancel } = await setUp(t);
    const nothing = await cancel();
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /^Say which: a number, or filters such as `--status failed/);
    const both = await cancel("1", "--hook", "deploy");
    assert.equal(both.code, 2);
    assert.match(both.stderr, /^Say which in one way/);
    assert.match((await cancel("7")).stderr, /^There is no run 7\./);
    assert.equal((await cancel("--hook", "x")).stdout, "No run that waits or is being performed fits.\n");
  });
});
