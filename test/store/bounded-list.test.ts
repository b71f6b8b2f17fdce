import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { acceptGroup } from "../../src/store/accept.ts";
import { pageOfDeliveries, pageOfRuns } from "../../src/store/bounded-list.ts";
import { MAX_ROWS } from "../../src/store/rows.ts";
import { openTestStore } from "../support/store.ts";

const MANY = 10_100;
const PAGE = { limit: 50 };

describe("a page of a list", () => {
  it("ends after ten thousand rows were looked through in vain, and says where to go on", async (t) => {
    const store = await openTestStore(t);
    await store.queueRun("deploy", { repository: "acme/rare" });
    const { pack } = store.arrival();
    for (let stored = 0; stored < MANY; stored += MAX_ROWS) {
      const others = Array.from({ length: MAX_ROWS }, (_, packIndex) =>
        store.arrival({ pack, packIndex, hooks: ["deploy"] }),
      );
      await acceptGroup(store.db, others);
    }
    for (const page of [pageOfDeliveries, pageOfRuns]) {
      const first = await page(store.db, { repository: "acme/rare" }, PAGE);
      assert.deepEqual(first.items, []);
      assert.notEqual(first.next, null);
      const second = await page(
        store.db,
        { repository: "acme/rare" },
        { ...PAGE, after: Number(first.next) },
      );
      assert.deepEqual(
        second.items.map(({ id }) => id),
        [1],
      );
      assert.equal(second.next, null);
    }
  });

  it("that is full goes on after its last item", async (t) => {
    const store = await openTestStore(t);
    for (let stored = 0; stored < 3; stored++) await store.queueRun("deploy", { repository: "acme/site" });
    await store.queueRun("deploy", { repository: "acme/other" });
    for (const page of [pageOfDeliveries, pageOfRuns]) {
      const { items, next } = await page(store.db, { repository: "acme/site" }, { limit: 2 });
      assert.deepEqual(
        items.map(({ id }) => id),
        [3, 2],
      );
      assert.equal(next, "2");
      const rest = await page(store.db, { repository: "acme/site" }, { limit: 2, after: 2 });
      assert.deepEqual(
        rest.items.map(({ id }) => id),
        [1],
      );
      assert.equal(rest.next, null);
    }
  });
});
