import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import {
  aboutDeliveries,
  type DeliveryFilter,
  findDelivery,
  listDeliveries,
  readContents,
} from "../../src/store/deliveries.ts";
import { finishRun } from "../../src/store/run-ends.ts";
import { openTestStore } from "../support/store.ts";

/** Six deliveries that differ in everything that people filter by; the run of 1 has succeeded, that of 2 has failed. */
async function setUp(t: TestContext) {
  const store = await openTestStore(t);
  await store.accept({ guid: "g1", hooks: ["deploy"], ref: "refs/heads/main", receivedAt: 100 });
  await store.accept({ guid: "g2", hooks: ["deploy", "ci"], ref: "refs/heads/dev", receivedAt: 200 });
  await store.accept({ guid: "g3", event: "issues", action: "opened", ref: null, receivedAt: 300 });
  await store.accept({ guid: "g4", source: "other", repository: "acme/other", receivedAt: 400 });
  await store.accept({ guid: "g5", ref: "refs/tags/main", hooks: ["ci"], receivedAt: 500 });
  await store.accept({ guid: "g6", webhookId: 0, repository: null, sender: null, receivedAt: 600 });
  for (const [status, exitCode] of [
    ["succeeded", 0],
    ["failed", 1],
  ] as const) {
    const [run] = await store.claim({ limit: 1 });
    assert.ok(run);
    await finishRun(
      store.db,
      { ...run, worker: "w1" },
      { status, exitCode, signal: null, reason: null },
      2_000,
    );
  }
  return store;
}

describe("listing deliveries", () => {
  const cases: [what: string, filter: DeliveryFilter, ids: number[]][] = [
    ["all of them, newest first", {}, [6, 5, 4, 3, 2, 1]],
    ["one source", { source: "other" }, [4]],
    ["one event", { event: "issues" }, [3]],
    ["one repository", { repository: "acme/site" }, [5, 3, 2, 1]],
    ["a full ref", { ref: "refs/heads/main" }, [6, 4, 1]],
    ["a short name, which may be a branch's or a tag's", { ref: "main" }, [6, 5, 4, 1]],
    ["a GUID", { guid: "g3" }, [3]],
    ["a GUID that never came", { guid: "g9" }, []],
    ["those that a hook was for", { hook: "ci" }, [5, 2]],
    ["those with a run in a status", { status: "failed" }, [2]],
    ["those with a run of this hook in this status, not of another", { hook: "ci", status: "failed" }, []],
    ["from a moment on", { since: 500 }, [6, 5]],
    ["before a moment", { until: 300 }, [2, 1]],
    ["between two moments", { since: 200, until: 400 }, [3, 2]],
    [
      "those that fit in every respect",
      { repository: "acme/site", event: "push", ref: "dev", status: "queued" },
      [2],
    ],
  ];
  for (const [what, filter, ids] of cases) {
    it(`gives ${what}`, async (t) => {
      const { db } = await setUp(t);
      const found = await listDeliveries(db, filter, { limit: 50 });
      assert.deepEqual(
        found.map(({ id }) => id),
        ids,
      );
    });
  }

  it("goes on where a page has ended, without gaps or doubles", async (t) => {
    const { db, accept } = await setUp(t);
    const pages: number[][] = [];
    let after: number | undefined;
    for (;;) {
      const page = await listDeliveries(db, {}, { limit: 4, after });
      if (page.length === 0) break;
      pages.push(page.map(({ id }) => id));
      after = page.at(-1)?.id;
      await accept(); // What comes in meanwhile belongs to no later page.
    }
    assert.deepEqual(pages, [
      [6, 5, 4, 3],
      [2, 1],
    ]);
  });

  it("filters on every page", async (t) => {
    const { db } = await setUp(t);
    const page = await listDeliveries(db, { repository: "acme/site" }, { limit: 2, after: 5 });
    assert.deepEqual(
      page.map(({ id }) => id),
      [3, 2],
    );
  });

  it("tells of each its runs in order, and no webhook where none was named", async (t) => {
    const { db } = await setUp(t);
    const found = await listDeliveries(db, {}, { limit: 50 });
    assert.deepEqual(found.find(({ id }) => id === 2)?.runs, [
      { id: 2, hook: "deploy", status: "failed" },
      { id: 3, hook: "ci", status: "queued" },
    ]);
    assert.deepEqual(found[0], await findDelivery(db, 6));
    assert.deepEqual([found[0]?.webhookId, found[0]?.repository, found[0]?.runs], [null, null, []]);
  });

  it("takes what people type for a value, never for SQL", async (t) => {
    const { db } = await setUp(t);
    for (const text of ["' or 1=1 --", "%", "*", "main\0", "🚀"]) {
      const found = await listDeliveries(db, { repository: text }, { limit: 50 });
      assert.deepEqual(found, [], text);
    }
  });
});

describe("what listed runs are about", () => {
  it("is told of each delivery, and of none where no run is listed", async (t) => {
    const { db, accept } = await openTestStore(t);
    const { delivery } = await accept({ event: "push", ref: "refs/heads/dev" });
    await accept();
    const about = await aboutDeliveries(db, [delivery]);
    assert.deepEqual([...about.keys()], [delivery]);
    assert.deepEqual([about.get(delivery)?.event, about.get(delivery)?.ref], ["push", "refs/heads/dev"]);
    assert.deepEqual(await aboutDeliveries(db, []), new Map());
  });
});

describe("finding a delivery", () => {
  it("gives nothing for a number that there is not", async (t) => {
    const { db } = await setUp(t);
    assert.equal(await findDelivery(db, 99), undefined);
    assert.equal(await readContents(db, 99), undefined);
  });

  it("fails to read contents that are damaged rather than give wrong ones", async (t) => {
    const { db } = await setUp(t);
    const { bytes } = await db
      .selectFrom("packs")
      .select("bytes")
      .where("id", "=", 1)
      .executeTakeFirstOrThrow();
    const damaged = bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1);
    await db.updateTable("packs").set({ bytes: damaged }).where("id", "=", 1).execute();
    await assert.rejects(readContents(db, 1));
  });
});
