import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { releaseSingleton, takeSingleton } from "../../src/store/singletons.ts";
import { openStore } from "../../src/store/store.ts";
import { sharedDatabase } from "../support/database.ts";
import { openTestStore, type TestStore, testStoreAt } from "../support/store.ts";

const take = ({ db }: Pick<TestStore, "db">, node: string, now: number, leaseMs = 10) =>
  takeSingleton(db, "prune", node, { now, leaseMs });

describe("what one node at a time is to do", () => {
  it("is one's until its lease has ended, unless it extends it", async (t) => {
    const store = await openTestStore(t);
    assert.equal(await take(store, "a", 100), true);
    assert.equal(await take(store, "b", 109), false);
    assert.equal(await take(store, "a", 109), true, "it extends it");
    assert.equal(await take(store, "b", 118), false);
    assert.equal(await take(store, "b", 119), true);
    assert.equal(await take(store, "a", 120), false, "it has come too late");
  });

  it("is free at once when who has it gives it back, and only then", async (t) => {
    const store = await openTestStore(t);
    await take(store, "a", 100);
    await releaseSingleton(store.db, "prune", "b");
    assert.equal(await take(store, "b", 101), false);
    await releaseSingleton(store.db, "prune", "a");
    assert.equal(await take(store, "b", 101), true);
  });

  it("is apart from everything else", async (t) => {
    const store = await openTestStore(t);
    await take(store, "a", 100);
    assert.equal(await takeSingleton(store.db, "addresses", "b", { now: 100, leaseMs: 10 }), true);
  });

  it("is given to one of several who take it at once, when it is new and when it is over", async (t) => {
    const store = await testStoreAt(t, await sharedDatabase(t));
    const others = await Promise.all(Array.from({ length: 5 }, () => openStore(store.path)));
    t.after(() => Promise.all(others.map((other) => other.close())));
    for (let now = 0; now < 20 * 10; now += 10) {
      const taken = await Promise.all(others.map((other, index) => take(other, `${now}-${index}`, now)));
      assert.equal(taken.filter(Boolean).length, 1);
    }
  });
});
