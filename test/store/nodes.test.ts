import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { forgetNode, forgetOldNodes, listNodes, noteNode, noteStop } from "../../src/store/nodes.ts";
import type { Database } from "../../src/store/store.ts";
import { openTestStore } from "../support/store.ts";

const START = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const HOOKS = { versions: [{ name: "deploy", version: "ab12" }], readAt: START - 5 };

const self = (name: string, startedAt = START) => ({
  name,
  roles: ["worker"],
  version: "1.0.0",
  hooksFolder: "/hooks",
  startedAt,
});

async function states(db: Database, now: number): Promise<string[]> {
  return (await listNodes(db, now)).map(({ name, state }) => `${name} ${state}`);
}

describe("a node", () => {
  it("is listed with what it has said of itself last", async (t) => {
    const { db } = await openTestStore(t);
    const both = { ...self("a/1/x"), roles: ["receiver", "worker"] };
    await noteNode(db, both, { hooks: HOOKS, now: START });
    const later = { versions: [], readAt: START + 4_000 };
    await noteNode(db, both, { hooks: later, now: START + 5_000 });
    const [node, ...others] = await listNodes(db, START + 5_000);
    assert.deepEqual(others, []);
    const { digest, ...hooks } = node?.hooks ?? assert.fail();
    assert.match(digest, /^[0-9a-f]{12}$/);
    assert.deepEqual(
      { ...node, hooks },
      { ...both, state: "up", seenAt: START + 5_000, stoppedAt: null, hooks: later },
    );
  });

  it("keeps the hooks that it had while it cannot tell which it has", async (t) => {
    const { db } = await openTestStore(t);
    await noteNode(db, self("a/1/x"), { hooks: HOOKS, now: START });
    await noteNode(db, self("a/1/x"), { now: START + 5_000 });
    const [node] = await listNodes(db, START + 5_000);
    assert.deepEqual(
      [node?.hooks.versions, node?.hooks.readAt, node?.seenAt],
      [HOOKS.versions, HOOKS.readAt, START + 5_000],
    );
  });

  it("is gone when it has not been seen for 15 seconds, and forgotten after a day", async (t) => {
    const { db } = await openTestStore(t);
    await noteNode(db, self("a/1/x"), { now: START });
    assert.deepEqual(await states(db, START + 15_000), ["a/1/x up"]);
    assert.deepEqual(await states(db, START + 15_001), ["a/1/x gone"]);
    assert.deepEqual(await states(db, START + 24 * HOUR_MS), ["a/1/x gone"]);
    assert.deepEqual(await states(db, START + 24 * HOUR_MS + 1), []);
  });

  it("that was stopped is remembered for an hour, and back when it says so", async (t) => {
    const { db } = await openTestStore(t);
    await noteNode(db, self("a/1/x"), { now: START });
    await noteStop(db, "a/1/x", START);
    assert.deepEqual(await states(db, START), ["a/1/x stopped"]);
    assert.deepEqual(await states(db, START + HOUR_MS), ["a/1/x stopped"]);
    assert.deepEqual(await states(db, START + HOUR_MS + 1), []);
    await noteNode(db, self("a/1/x"), { now: START + HOUR_MS });
    assert.deepEqual(await states(db, START + HOUR_MS), ["a/1/x up"]);
  });

  it("can be forgotten by name", async (t) => {
    const { db } = await openTestStore(t);
    await noteNode(db, self("a/1/x"), { now: START });
    assert.equal(await forgetNode(db, "b/1/x"), false);
    assert.equal(await forgetNode(db, "a/1/x"), true);
    assert.deepEqual(await states(db, START), []);
  });
});

describe("nodes", () => {
  it("are listed in the order in which they were started", async (t) => {
    const { db } = await openTestStore(t);
    await noteNode(db, self("b/1/x", START + 1), { now: START });
    await noteNode(db, self("c/1/x"), { now: START });
    await noteNode(db, self("a/1/x"), { now: START });
    assert.deepEqual(await states(db, START), ["a/1/x up", "c/1/x up", "b/1/x up"]);
  });

  it("of whom nothing has been heard for long leave no rows", async (t) => {
    const { db } = await openTestStore(t);
    for (const name of ["gone/1/x", "stopped/1/x", "up/1/x"]) await noteNode(db, self(name), { now: START });
    await noteStop(db, "stopped/1/x", START);
    const rows = async () =>
      (await db.selectFrom("nodes").select("name").orderBy("name").execute()).map(({ name }) => name);
    await forgetOldNodes(db, START + HOUR_MS);
    assert.equal((await rows()).length, 3);
    await forgetOldNodes(db, START + HOUR_MS + 1);
    assert.deepEqual(await rows(), ["gone/1/x", "up/1/x"]);
    await noteNode(db, self("up/1/x"), { now: START + 20 * HOUR_MS });
    await forgetOldNodes(db, START + 24 * HOUR_MS + 1);
    assert.deepEqual(await rows(), ["up/1/x"]);
  });
});
