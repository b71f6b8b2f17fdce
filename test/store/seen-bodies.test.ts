import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { up } from "../../src/store/migrations/0009_bodies_seen_appended.ts";
import { bodyKey, SeenBodies } from "../../src/store/seen-bodies.ts";
import type { Database } from "../../src/store/store.ts";
import { count, countBodies, openTestStore } from "../support/store.ts";

const body = (text: string, source = "github", secret = "only") => ({
  source,
  secret,
  digest: hash("sha256", text, "buffer"),
});

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => body(`body ${from + index}`));

/** Which of `texts` have come before to the source `github`. */
async function known(seen: SeenBodies, db: Database, ...texts: string[]): Promise<string[]> {
  const found = await seen.find(
    db,
    texts.map((text) => body(text)),
  );
  return texts.filter((text) => found.has(bodyKey(body(text))));
}

async function rememberOneByOne(seen: SeenBodies, db: Database, from: number, to: number): Promise<void> {
  for (const one of numbered(from, to)) await seen.remember(db, [one]);
}

describe("remembering bodies", () => {
  it("finds those that came before, each to its own source", async (t) => {
    const { db } = await openTestStore(t);
    const seen = new SeenBodies();
    await seen.remember(db, [body("a"), body("b", "github", "old"), body("c", "elsewhere")]);
    assert.deepEqual(await known(seen, db, "a", "b", "c", "d"), ["a", "b"]);
  });

  it("appends one row for all that came together", async (t) => {
    const { db } = await openTestStore(t);
    await new SeenBodies().remember(db, numbered(0, 40));
    assert.deepEqual([await count(db, "bodies_seen"), await countBodies(db)], [1, 40]);
  });

  it("finds what another has remembered, forgotten or joined meanwhile", async (t) => {
    const { db } = await openTestStore(t);
    const [mine, theirs] = [new SeenBodies(), new SeenBodies()];
    assert.deepEqual(await known(mine, db, "theirs"), []);
    await theirs.remember(db, [body("theirs", "github", "old")]);
    await theirs.remember(db, [body("newer")]);
    assert.deepEqual(await known(mine, db, "theirs", "newer"), ["theirs", "newer"]);
    await rememberOneByOne(theirs, db, 0, 255);
    await theirs.tidy(db);
    assert.equal(await count(db, "bodies_seen"), 2);
    await db.deleteFrom("bodies_seen").where("secret", "=", "old").execute();
    assert.deepEqual(await known(mine, db, "theirs", "newer"), ["newer"]);
  });
});

describe("tidying up", () => {
  it("joins the rows of 256 commits into one, and forgets nothing", async (t) => {
    const { db } = await openTestStore(t);
    const seen = new SeenBodies();
    await rememberOneByOne(seen, db, 0, 255);
    await seen.tidy(db);
    assert.equal(await count(db, "bodies_seen"), 255);
    await rememberOneByOne(seen, db, 255, 256);
    await seen.tidy(db);
    assert.deepEqual([await count(db, "bodies_seen"), await countBodies(db)], [1, 256]);
    assert.deepEqual(await known(seen, db, "body 0", "body 128", "body 255", "body 256"), [
      "body 0",
      "body 128",
      "body 255",
    ]);
  });

  it("leaves a row alone that has its 4,096 bodies, and joins only those of the same source and secret", async (t) => {
    const { db } = await openTestStore(t);
    const seen = new SeenBodies();
    await seen.remember(db, numbered(0, 4_096));
    await rememberOneByOne(seen, db, 4_096, 4_350);
    for (const one of [body("x"), body("y"), body("z", "elsewhere"), body("z", "github", "old")])
      await seen.remember(db, [one]);
    await seen.tidy(db);
    const rows = await db.selectFrom("bodies_seen").selectAll().execute();
    assert.deepEqual(rows.map(({ source, secret, digests }) => [source, secret, digests.length / 8]).sort(), [
      ["elsewhere", "only", 1],
      ["github", "old", 1],
      ["github", "only", 256],
      ["github", "only", 4_096],
    ]);
  });
});

describe("the migration of digests that stood one by one", () => {
  it("remembers every one of them", async (t) => {
    const { db, path } = await openTestStore(t);
    const [integer, bytes] = path.startsWith("postgres") ? ["bigint", "bytea"] : ["integer", "blob"];
    const id = path.startsWith("postgres")
      ? "bigint generated always as identity primary key"
      : "integer primary key autoincrement";
    await db.schema.dropTable("bodies_seen").execute();
    await db.schema
      .createTable("bodies_seen")
      .addColumn("source", "text")
      .addColumn("digest", bytes === "bytea" ? "bytea" : "blob")
      .addColumn("secret", "text")
      .execute();
    const old = [...numbered(0, 5_000), body("z", "elsewhere")];
    for (const { source, digest, secret } of old)
      await sql`insert into bodies_seen values (${source}, ${digest}, ${secret})`.execute(db);
    await up(db, { integer: String(integer), bytes: String(bytes), id, strict: "", keyed: "", first: [] });
    assert.equal(await countBodies(db), 5_001);
    assert.deepEqual(await known(new SeenBodies(), db, "body 0", "body 4999", "z"), ["body 0", "body 4999"]);
  });
});
