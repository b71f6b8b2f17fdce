import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { UserError } from "../../src/config/problem.ts";
import { openStore } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { inThreads } from "../support/threads.ts";

function tables(path: string): string[] {
  const database = new DatabaseSync(path);
  const rows = database.prepare("select name from sqlite_master where type = 'table' order by name").all();
  database.close();
  return rows.map(({ name }) => String(name));
}

describe("opening a store", () => {
  it("makes the file and the schema, once", async (t) => {
    const path = join(temporaryFolder(t), "new/longshore.db");
    const applied = [];
    for (let i = 0; i < 2; i++) {
      const store = await openStore(path);
      applied.push(await store.db.selectFrom("schema_migrations").selectAll().execute());
      assert.equal(store.dictionary.id, 1);
      assert.ok(store.dictionary.bytes.length > 10_000);
      await store.close();
    }
    assert.deepEqual(
      applied[0]?.map(({ name }) => name),
      [
        "0001_deliveries_and_runs",
        "0002_hook_sets",
        "0003_concurrency",
        "0004_attempts",
        "0005_retention",
        "0006_nodes",
        "0007_finishing",
        "0008_admin",
        "0009_bodies_seen_appended",
        "0010_repositories_not_indexed",
        "0011_packs_without_dictionary",
      ],
    );
    assert.deepEqual(applied[1], applied[0]);
  });

  it("succeeds for all who open a fresh file at once, and migrates it once", {
    timeout: 60_000,
  }, async (t) => {
    const folder = temporaryFolder(t);
    const databases = Array.from({ length: 12 }, (_, index) => join(folder, `${index}.db`));
    const found = await inThreads(4, "open", databases);
    const once = databases.map(() => 11);
    assert.deepEqual(found, [once, once, once, once]);
  });

  it("refuses a database that a newer Longshore has been at, and leaves it alone", async (t) => {
    const path = join(temporaryFolder(t), "longshore.db");
    const store = await openStore(path);
    await store.db.insertInto("schema_migrations").values({ name: "0999_later", applied_at: 1 }).execute();
    await store.close();
    const before = readFileSync(path);
    await assert.rejects(
      openStore(path),
      new UserError(
        "The database has the migration 0999_later, which is of a newer Longshore. Use that one.",
      ),
    );
    assert.deepEqual(readFileSync(path), before);
  });

  it("changes nothing when a migration fails", async (t) => {
    const path = join(temporaryFolder(t), "longshore.db");
    const database = new DatabaseSync(path);
    database.exec("create table runs (somebody text)");
    database.close();
    await assert.rejects(openStore(path), /table runs already exists/);
    assert.deepEqual(tables(path), ["runs"]);
  });

  it("refuses a file that is no database, and leaves it alone", async (t) => {
    const path = join(temporaryFolder(t), "notes.txt");
    writeFileSync(path, "These are my notes. ".repeat(500));
    await assert.rejects(openStore(path), /file is not a database/);
    assert.match(readFileSync(path, "utf8"), /^(These are my notes\. ){500}$/);
  });
});
