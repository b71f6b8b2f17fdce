import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { appendOutput } from "../../src/store/output.ts";
import { copyDatabase, findDamage } from "../../src/store/sqlite-copy.ts";
import { openTestStore } from "../support/store.ts";

/** A database of several steps' size, somebody who writes into it, and where the copy goes. */
async function setUp(t: TestContext) {
  const store = await openTestStore(t);
  const run = await store.queueRun();
  const piece = { runId: run, attempt: 1, stream: "stdout", at: 1 } as const;
  const pieces = Array.from({ length: 100 }, (_, seq) => ({
    ...piece,
    seq,
    bytes: Buffer.alloc(80_000, seq),
  }));
  await appendOutput(store.db, pieces);
  const writer = new DatabaseSync(store.path);
  t.after(() => writer.close());
  const to = `${store.path}.copy`;
  writeFileSync(to, "");
  return { from: store.path, to, writer };
}

function count(path: string, table: string): unknown {
  const database = new DatabaseSync(path);
  const row = database.prepare(`select count(*) as rows from ${table}`).get();
  database.close();
  return row?.rows;
}

describe("a copy of a database", () => {
  for (const compact of [false, true])
    it(`is whole and needs no file beside it${compact ? ", compact, too" : ""}`, async (t) => {
      const { from, to } = await setUp(t);
      await copyDatabase(from, to, { compact });
      assert.deepEqual(findDamage(to), []);
      assert.equal(count(to, "output"), 100);
      const copy = new DatabaseSync(to);
      assert.deepEqual({ ...copy.prepare("pragma journal_mode").get() }, { journal_mode: "delete" });
      copy.close();
    });

  it("is of the moment at which it began, and comes to its end, whatever is written meanwhile", async (t) => {
    const { from, to, writer } = await setUp(t);
    const progress: number[] = [];
    const write = writer.prepare("insert into refusals (at, code) values (1, 'not_found') returning id");
    await copyDatabase(from, to, {
      onProgress(part) {
        progress.push(part);
        write.get();
      },
    });
    assert.ok(progress.length > 2, "it was made in several steps");
    assert.deepEqual(
      progress,
      progress.toSorted((a, b) => a - b),
    );
    assert.equal(progress.at(-1), 1);
    assert.equal(count(to, "refusals"), 0);
    assert.equal(count(from, "refusals"), progress.length);
  });
});

describe("damage", () => {
  it("is found in what is no database", async (t) => {
    const { to } = await setUp(t);
    writeFileSync(to, "nothing that could be opened");
    assert.deepEqual(findDamage(to), ["file is not a database"]);
  });
});
