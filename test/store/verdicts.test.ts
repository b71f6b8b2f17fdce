import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHookSet } from "../../src/config/hook-set.ts";
import { type Delivery, findDelivery } from "../../src/store/deliveries.ts";
import { findJudges, keepHookSet } from "../../src/store/hook-sets.ts";
import type { Database } from "../../src/store/store.ts";
import { verdictsOf } from "../../src/store/verdicts.ts";
import { pushPayload } from "../support/github.ts";
import { pushHook } from "../support/receiver.ts";
import { openTestStore } from "../support/store.ts";
import { storeDelivery } from "../support/store-delivery.ts";

async function find(db: Database, id: number): Promise<Delivery> {
  return (await findDelivery(db, id)) ?? assert.fail("it is not stored");
}

describe("a set of hooks in the store", () => {
  it("is stored once, and comes back as it was", async (t) => {
    const store = await openTestStore(t);
    const { db } = store;
    const set = toHookSet([pushHook("deploy", { disabled: true }), pushHook("ci")]);
    const id = await keepHookSet(db, set);
    const { delivery } = await storeDelivery(store, { hookSet: id });
    assert.deepEqual(await findJudges(db, delivery), set.hooks);
    const other = await keepHookSet(db, toHookSet([]));
    assert.notEqual(other, id);
    assert.equal(await keepHookSet(db, toHookSet(structuredClone([...set.hooks]))), id);
  });

  it("is not there for a delivery that none has judged", async (t) => {
    const store = await openTestStore(t);
    const { delivery } = await store.accept();
    assert.equal(await findJudges(store.db, delivery), undefined);
    assert.equal(await verdictsOf(store.db, await find(store.db, delivery)), undefined);
  });
});

describe("the verdicts on a stored delivery", () => {
  for (const form of [false, true]) {
    it(`are those of the hooks of its time: a body in ${form ? "a form" : "JSON"}`, async (t) => {
      const store = await openTestStore(t);
      const deploy = pushHook("deploy", { on: [{ event: "push", branches: ["main"] }] });
      const hookSet = await keepHookSet(store.db, toHookSet([deploy, pushHook("ci")]));
      const payload = pushPayload({ ref: "refs/heads/dev" });
      const { delivery } = await storeDelivery(store, { payload, form, hookSet });
      // What the hooks are later changes nothing.
      await keepHookSet(store.db, toHookSet([pushHook("deploy")]));
      assert.deepEqual(await verdictsOf(store.db, await find(store.db, delivery)), [
        {
          hook: "deploy",
          matches: false,
          checks: [
            { filter: "on", passed: true, reason: "the event is `push`" },
            { filter: "push.branches", passed: false, reason: "`dev` matches none of [main]" },
          ],
        },
        {
          hook: "ci",
          matches: true,
          checks: [{ filter: "on", passed: true, reason: "the event is `push`" }],
        },
      ]);
    });
  }
});
