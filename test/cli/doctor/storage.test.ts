import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { practice, practiceWithStore } from "../../support/doctor.ts";

/** Of an SQLite file, unless somebody says something else. */
const PAGE_BYTES = 4_096;

describe("the doctor on the disk", { concurrency: 2 }, () => {
  it("finds that there is less room than `min-free-disk`", async (t) => {
    const { ask } = await practiceWithStore(t, { environment: { LONGSHORE_MIN_FREE_DISK: "900000GiB" } });
    const [finding] = await ask("disk");
    assert.equal(finding?.status, "bad");
    assert.match(
      finding?.message ?? "",
      /free for the database, and `min-free-disk` is .+: deliveries are refused/,
    );
  });

  it("is content where there is room", async (t) => {
    const { askOnce } = await practiceWithStore(t);
    assert.match(await askOnce("disk"), /^good: .+ free for the database$/);
  });
});

describe("the doctor on the database", { concurrency: 2 }, () => {
  it("says how large it is, and of which version", async (t) => {
    const { askOnce } = await practiceWithStore(t);
    assert.match(
      await askOnce("database"),
      /^good: data\/longshore\.db is whole: .+ KiB in use of .+ KiB, schema \d{4}_\w+$/,
    );
  });

  it("finds that it is damaged", async (t) => {
    const { ask, look, place } = await practiceWithStore(t);
    await look.store.db.schema.createIndex("damaged").on("runs").column("reason").execute();
    const { rows } = await sql<{ rootpage: number }>`
      select rootpage from sqlite_master where name = 'damaged'`.execute(look.store.db);
    look.store.maintain();
    const path = join(place.folder, "data/longshore.db");
    const bytes = readFileSync(path);
    const page = Number(rows[0]?.rootpage) - 1;
    bytes.fill(0xff, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    writeFileSync(path, bytes);
    const [finding] = await ask("database");
    assert.equal(finding?.status, "bad");
    assert.match(finding?.message ?? "", /^data\/longshore\.db is damaged: /);
    assert.match(finding?.remedy ?? "", /restore a backup/);
  });

  it("finds that it is none, and checks the rest all the same", async (t) => {
    const { askOnce, place } = practice(t);
    mkdirSync(join(place.folder, "data"));
    place.write("data/longshore.db", "this is no database at all, however long it may be");
    assert.match(
      await askOnce("database"),
      /^bad: data\/longshore\.db cannot be opened: file is not a database$/,
    );
    assert.match(await askOnce("hooks"), /^good/);
  });

  it("finds that a newer Longshore has been at it", async (t) => {
    const { askOnce, look } = await practiceWithStore(t);
    await look.store.db
      .insertInto("schema_migrations")
      .values({ name: "9999_later", applied_at: 1 })
      .execute();
    assert.match(await askOnce("database"), /^bad: .+ 9999_later, which is of a newer Longshore/);
  });
});
