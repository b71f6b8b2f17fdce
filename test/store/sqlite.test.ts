import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { listDeliveries } from "../../src/store/deliveries.ts";
import { type Database, openStore } from "../../src/store/store.ts";
import { count, openTestStore } from "../support/store.ts";
import { temporaryFolder } from "../support/temporary.ts";

const SRC = fileURLToPath(new URL("../../src", import.meta.url));
const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);

async function pragma(db: Database, name: string): Promise<unknown> {
  const { rows } = await sql.raw<object>(`pragma ${name}`).execute(db);
  return Object.values(rows[0] ?? {})[0];
}

describe("a connection", () => {
  const FULL = 2;
  const NORMAL = 1;

  it("of the receiver has its commits on the disk when they return, and leaves the log to others while it is short", async (t) => {
    const { db } = await openTestStore(t, { durable: true, maintainedElsewhere: true });
    assert.equal(await pragma(db, "synchronous"), FULL);
    assert.equal(await pragma(db, "wal_autocheckpoint"), 8_000);
  });

  it("of anybody else is quicker, and tidies the log up", async (t) => {
    const { db } = await openTestStore(t);
    assert.equal(await pragma(db, "synchronous"), NORMAL);
    assert.equal(await pragma(db, "wal_autocheckpoint"), 1_000);
  });

  it("is durable for the writer of deliveries, and for nobody else", () => {
    const files = globSync("**/*.ts", { cwd: SRC });
    const durable = files.filter((file) => /durable: true/.test(readFileSync(join(SRC, file), "utf8")));
    assert.deepEqual(durable, ["store/delivery-writer-thread.ts"]);
  });

  it("uses a write-ahead log, keeps foreign keys and does not wait inside SQLite", async (t) => {
    const { db } = await openTestStore(t);
    assert.equal(await pragma(db, "journal_mode"), "wal");
    assert.equal(await pragma(db, "foreign_keys"), 1);
    assert.equal(await pragma(db, "busy_timeout"), 0);
  });

  it("reads while somebody else writes", async (t) => {
    const { db, path, accept } = await openTestStore(t);
    await accept();
    const other = new DatabaseSync(path);
    t.after(() => other.close());
    other.exec("begin immediate; delete from deliveries");
    assert.equal((await listDeliveries(db, {}, { limit: 10 })).length, 1);
    other.exec("commit");
    assert.equal((await listDeliveries(db, {}, { limit: 10 })).length, 0);
  });

  it("lets what is asked meanwhile wait for the end of a transaction", async (t) => {
    const { db } = await openTestStore(t);
    const use = (secret: string) => ({ source: "github", secret, last_used_at: 1 });
    const undone = db.transaction().execute(async (tx) => {
      await tx.insertInto("secret_uses").values(use("inside")).execute();
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("undo");
    });
    await Promise.all([
      assert.rejects(undone, /undo/),
      db.insertInto("secret_uses").values(use("outside")).execute(),
      db.insertInto("secret_uses").values(use("outside, too")).execute(),
    ]);
    const rows = await db.selectFrom("secret_uses").select("secret").orderBy("secret").execute();
    assert.deepEqual(
      rows.map(({ secret }) => secret),
      ["outside", "outside, too"],
    );
  });
});

describe("the write-ahead log", () => {
  it("stays as it is, however long it grows, until somebody maintains it", async (t) => {
    const { path, accept } = await openTestStore(t, { maintainedElsewhere: true });
    const before = statSync(path).size;
    for (let i = 0; i < 6; i++) await accept({ body: randomBytes(1024 ** 2) });
    assert.equal(statSync(path).size, before, "nothing has moved into the database");

    const worker = await openStore(path);
    t.after(() => worker.close());
    worker.maintain();
    assert.ok(statSync(path).size > 6 * 1024 ** 2, "all has moved into the database");
  });
});

describe("hasChanged", () => {
  it("tells of what others have committed, once, and not of one's own", async (t) => {
    const { path, accept, hasChanged } = await openTestStore(t);
    hasChanged();
    assert.equal(hasChanged(), false);
    await accept();
    assert.equal(hasChanged(), false);
    const other = await openStore(path);
    t.after(() => other.close());
    await other.db.insertInto("secret_uses").values({ source: "x", secret: "x", last_used_at: 1 }).execute();
    assert.deepEqual([hasChanged(), hasChanged()], [true, false]);
  });
});

describe("the files of the database", () => {
  for (const umask of [0o000, 0o022, 0o077]) {
    it(`are the owner's alone under the umask 0${umask.toString(8).padStart(3, "0")}`, async (t) => {
      const path = join(temporaryFolder(t), "data/longshore.db");
      const before = process.umask(umask);
      t.after(() => process.umask(before));
      const store = await openStore(path);
      t.after(() => store.close());
      assert.deepEqual([path, `${path}-wal`, `${path}-shm`, dirname(path)].map(mode), [
        "600",
        "600",
        "600",
        "700",
      ]);
    });
  }

  it("are made the owner's alone again when somebody has opened them up", async (t) => {
    const path = join(temporaryFolder(t), "longshore.db");
    await (await openStore(path)).close();
    chmodSync(path, 0o666);
    const store = await openStore(path);
    t.after(() => store.close());
    assert.deepEqual([path, `${path}-wal`, `${path}-shm`].map(mode), ["600", "600", "600"]);
    assert.equal(await count(store.db, "deliveries"), 0);
  });
});
