import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { readAddresses } from "../../src/store/github-addresses.ts";
import { type Look, lookInto } from "../support/look.ts";
import { meta, NEW_RANGES, startMeta } from "../support/meta.ts";
import { type TestServer, type Workplace, workplace } from "../support/server.ts";
import { count } from "../support/store.ts";
import { storeDelivery } from "../support/store-delivery.ts";
import { until } from "../support/until.ts";

interface Listed {
  items: { name: string; state: string; roles: string[] }[];
  differences: { hook: string; message: string }[];
}

/** A lease and the time until somebody looks whether it has ended, with a wide margin. */
const TAKE_OVER_MS = 60_000;
const HOOK = "on: push\nrun: echo done";

/** A folder of hooks for another node on the same database. */
async function serveWith(place: Workplace, hooks: string, ...args: string[]): Promise<TestServer> {
  place.environment.LONGSHORE_HOOKS = join(place.folder, hooks);
  return place.serve(...args);
}

async function statesOf(place: Workplace): Promise<Record<string, string>> {
  const { items } = await place.json<Listed>("nodes");
  return Object.fromEntries(items.map(({ name, state }) => [name.split("/")[1] ?? "", state]));
}

async function setUp(t: TestContext, settings = ""): Promise<{ place: Workplace; look: Look }> {
  const files = {
    "longshore.yml": settings,
    "hooks/both.yml": HOOK,
    "hooks/own.yml": HOOK,
    "other-hooks/both.yml": HOOK,
  };
  const place = workplace(t, { files });
  return { place, look: await lookInto(t, place) };
}

describe("when one of several nodes is killed", { concurrency: 2 }, () => {
  it("another worker prunes, all see that it is gone, and what only it can perform waits until it is back", {
    timeout: 180_000,
  }, async (t) => {
    const { place, look } = await setUp(t, "retention: 1d");
    const left = () => count(look.store.db, "deliveries");
    const first = await serveWith(place, "hooks");
    await storeDelivery(look.store, { receivedAt: 1 });
    await until("the first has pruned", async () => (await left()) === 0);
    const second = await serveWith(place, "other-hooks");
    await until("both are known with their hooks", async () => {
      const { items, differences } = await place.json<Listed>("nodes");
      return items.length === 2 && differences.some(({ hook }) => hook === "own");
    });
    await storeDelivery(look.store, { receivedAt: 1 });

    await first.end("SIGKILL");
    await storeDelivery(look.store, { hooks: ["own", "both"] });

    await until("the second has pruned", async () => (await left()) === 1, TAKE_OVER_MS);
    const [own, both] = await look.runs();
    await look.reached(both?.id, "succeeded");
    await until(
      "all see that it is gone",
      async () => (await statesOf(place))[first.process.pid ?? 0] === "gone",
    );
    assert.equal((await statesOf(place))[second.process.pid ?? 0], "up");
    assert.match(
      (await place.cli("doctor")).stdout,
      /! nodes: \S+ has not been seen .* runs that only it can perform: 1$/m,
    );
    assert.equal((await look.reached(own?.id, "queued")).attempt, 0);

    const back = await serveWith(place, "hooks", "--only", "worker");
    await look.reached(own?.id, "succeeded");
    await back.end("SIGTERM");
    assert.equal((await statesOf(place))[back.process.pid ?? 0], "stopped");
  });

  it("another receiver asks GitHub for its addresses when the one that did is gone, and all have the answer", {
    timeout: 120_000,
  }, async (t) => {
    const { place, look } = await setUp(t, "sources: { github: { path: /github, allow-from: [github] } }");
    const github = await startMeta(t);
    place.environment.LONGSHORE_GITHUB_API_URL = github.apiUrl;
    github.answer(() => {}); // It says nothing.
    const first = await place.serve("--only", "receiver");
    await until("the first has asked", () => github.requests.length === 1);
    await first.end("SIGKILL");
    github.answer(meta({ hooks: NEW_RANGES }, 'W/"1"'));
    const others = [await place.serve("--only", "receiver"), await place.serve("--only", "receiver")];
    const found = await until(
      "another one has asked",
      () => readAddresses(look.store.db, github.apiUrl),
      TAKE_OVER_MS,
    );
    assert.deepEqual(found.hooks, NEW_RANGES);
    for (const { stderr } of others)
      await until(
        "all have the answer",
        () => stderr().includes("GitHub's addresses have changed"),
        TAKE_OVER_MS,
      );
    assert.equal(github.requests.length, 2);
  });
});
