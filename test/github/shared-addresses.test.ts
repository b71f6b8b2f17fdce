import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { AddressList } from "../../src/github/addresses.ts";
import { sharedAddresses } from "../../src/server.ts";
import { keepAddresses, readAddresses } from "../../src/store/github-addresses.ts";
import { takeSingleton } from "../../src/store/singletons.ts";
import { meta, NEW_RANGES, startMeta, type TestMeta } from "../support/meta.ts";
import { openTestStore, type TestStore } from "../support/store.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { testNode } from "../support/worker.ts";

const OLDER = ["198.51.100.0/24"];
const HOUR_MS = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

interface Nodes {
  store: TestStore;
  github: TestMeta;
  /** The list of another node, with a data folder of its own. */
  node(name: string): { list: AddressList; file: string };
}

async function setUp(t: TestContext): Promise<Nodes> {
  const store = await openTestStore(t);
  const github = await startMeta(t);
  return {
    store,
    github,
    node(name) {
      const file = join(temporaryFolder(t), "github-addresses.json");
      const shared = sharedAddresses(store.db, testNode({ name }), github.apiUrl);
      return { list: github.list({ file, shared }), file };
    },
  };
}

describe("lists that share what they know", () => {
  it("ask GitHub once for all of them, and each keeps the answer on its disk", async (t) => {
    const { store, github, node } = await setUp(t);
    const nodes = ["a", "b", "c"].map(node);
    await Promise.all(nodes.map(({ list }) => list.keepFresh()));
    assert.equal(github.requests.length, 1);
    const late = node("late");
    await late.list.keepFresh();
    assert.equal(github.requests.length, 1);
    assert.deepEqual(late.list.ranges, NEW_RANGES);
    assert.deepEqual(
      JSON.parse(readFileSync(late.file, "utf8")),
      await readAddresses(store.db, github.apiUrl),
    );
  });

  it("ask when what they know is an hour old, and say what they know of", async (t) => {
    const { store, github, node } = await setUp(t);
    const known = { apiUrl: github.apiUrl, etag: 'W/"0"', hooks: OLDER };
    await keepAddresses(store.db, { ...known, checkedAt: ago(HOUR_MS - 60_000) });
    const young = node("a");
    await young.list.keepFresh();
    assert.deepEqual([young.list.ranges, github.requests.length], [OLDER, 0]);
    await keepAddresses(store.db, { ...known, checkedAt: ago(HOUR_MS) });
    const old = node("b");
    await old.list.keepFresh();
    assert.deepEqual([old.list.ranges, github.requests.length], [NEW_RANGES, 1]);
    assert.equal(github.requests[0]?.headers["if-none-match"], 'W/"0"');
    assert.deepEqual((await readAddresses(store.db, github.apiUrl))?.hooks, NEW_RANGES);
  });

  it("believe nothing that is of tomorrow", async (t) => {
    const { store, github, node } = await setUp(t);
    await keepAddresses(store.db, { apiUrl: github.apiUrl, checkedAt: ago(-24 * HOUR_MS), hooks: OLDER });
    await node("a").list.keepFresh();
    assert.deepEqual((await readAddresses(store.db, github.apiUrl))?.hooks, NEW_RANGES);
  });

  it("leave it to whoever is asking, until that is gone", async (t) => {
    const { store, github, node } = await setUp(t);
    await takeSingleton(store.db, "addresses", "dead", { now: Date.now(), leaseMs: 60_000 });
    await node("a").list.keepFresh();
    assert.equal(github.requests.length, 0);
    await takeSingleton(store.db, "addresses", "dead", { now: Date.now() - 60_000, leaseMs: 1 });
    await node("b").list.keepFresh();
    assert.equal(github.requests.length, 1);
  });

  it("leave GitHub alone for a while when one of them has asked in vain", async (t) => {
    const { github, node } = await setUp(t);
    github.answer(meta({ hooks: [] }));
    await node("a").list.keepFresh();
    github.answer(meta({ hooks: NEW_RANGES }));
    await node("b").list.keepFresh();
    assert.equal(github.requests.length, 1);
  });

  it("give what one has on its disk to the others", async (t) => {
    const { store, github, node } = await setUp(t);
    const first = node("a");
    await first.list.keepFresh();
    await store.db.deleteFrom("github_addresses").execute();
    const again = github.list({
      file: first.file,
      shared: sharedAddresses(store.db, testNode(), github.apiUrl),
    });
    await again.load();
    await again.keepFresh();
    assert.equal(github.requests.length, 1);
    assert.deepEqual((await readAddresses(store.db, github.apiUrl))?.hooks, NEW_RANGES);
  });

  it("go on alone while the database is gone", async (t) => {
    const { store, github, node } = await setUp(t);
    const { list, file } = node("a");
    await store.close();
    await list.keepFresh();
    assert.deepEqual(list.ranges, NEW_RANGES);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")).hooks, NEW_RANGES);
    await until("it was asked once", () => github.requests.length === 1);
  });
});
