import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { lookInto } from "../support/look.ts";
import { type WorkplaceOptions, workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

const DAY_MS = 86_400_000;

interface Answer {
  dryRun: boolean;
  deliveries: number;
  runs: number;
  usedBytes: number;
  totalBytes: number;
}

async function setUp(t: TestContext, options: WorkplaceOptions = {}) {
  const place = workplace(t, options);
  const look = await lookInto(t, place);
  for (const days of [40, 20, 0])
    await storeDelivery(look.store, { hooks: ["deploy"], receivedAt: Date.now() - days * DAY_MS });
  await look.store.db.updateTable("runs").set({ status: "failed", finished_at: 1 }).execute();
  return {
    place,
    left: async () => (await look.deliveries()).map(({ id }) => id),
    prune: (...args: string[]) => place.json<Answer>("prune", ...args),
  };
}

describe("prune", { concurrency: 2 }, () => {
  it("removes by `retention` what is too old, 30 days unless it is set", async (t) => {
    const { prune, left } = await setUp(t);
    const { usedBytes, totalBytes, ...pruned } = await prune();
    assert.deepEqual(pruned, { dryRun: false, deliveries: 1, runs: 1 });
    assert.ok(usedBytes > 0 && usedBytes <= totalBytes);
    assert.deepEqual(await left(), [2, 3]);
  });

  it("goes by the settings, the variable included", async (t) => {
    const { prune, left } = await setUp(t, { environment: { LONGSHORE_RETENTION: "10d" } });
    assert.equal((await prune()).deliveries, 2);
    assert.deepEqual(await left(), [3]);
  });

  it("goes by what the command says instead", async (t) => {
    const { place, left } = await setUp(t, { files: { "longshore.yml": "retention: forever" } });
    const { stdout } = await place.cli("prune", "--older-than", "10d");
    assert.match(stdout, /^Removed 2 deliveries with 2 runs\.\nThe database: .+ in use of .+\.\n$/);
    assert.deepEqual(await left(), [3]);
  });

  it("removes the oldest until a size is kept, and all that it may when that is too small", async (t) => {
    const { prune, left } = await setUp(t);
    assert.equal((await prune("--keep-size", "1GiB")).deliveries, 0);
    assert.equal((await prune("--keep-size", "1KiB")).deliveries, 3);
    assert.deepEqual(await left(), []);
  });

  it("only counts with --dry-run", async (t) => {
    const { place, prune, left } = await setUp(t);
    const { dryRun, deliveries } = await prune("--dry-run");
    assert.deepEqual({ dryRun, deliveries }, { dryRun: true, deliveries: 1 });
    assert.match((await place.cli("prune", "--dry-run")).stdout, /^Would remove 1 delivery with 1 run\.\n/);
    assert.match((await place.cli("prune", "--older-than", "90d")).stdout, /^Nothing is old enough\./);
    assert.deepEqual(await left(), [1, 2, 3]);
  });

  it("says what to do where everything is kept forever", async (t) => {
    const { place } = await setUp(t, { files: { "longshore.yml": "retention: { age: off }" } });
    const { code, stderr } = await place.cli("prune");
    assert.equal(code, 2);
    assert.match(stderr, /^`retention` keeps everything forever\. Say what is to go: --older-than 90d/);
  });

  it("takes only durations and sizes", async (t) => {
    const { place } = await setUp(t);
    assert.match((await place.cli("prune", "--older-than", "30")).stderr, /must be a duration such as "30d"/);
    assert.match((await place.cli("prune", "--keep-size", "much")).stderr, /must be a size such as "500MiB"/);
  });
});
