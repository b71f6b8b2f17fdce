import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { appendOutput } from "../../src/store/output.ts";
import { openStore } from "../../src/store/store.ts";
import { lookInto } from "../support/look.ts";
import { type WorkplaceOptions, workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

async function setUp(t: TestContext, options: WorkplaceOptions = {}) {
  const place = workplace(t, options);
  const look = await lookInto(t, place);
  await storeDelivery(look.store, { hooks: ["deploy"] });
  const path = (file: string) => join(place.folder, file);
  return {
    place,
    look,
    path,
    refused: async (...args: string[]) => {
      const { code, stderr } = await place.cli("backup", ...args);
      return { code, stderr };
    },
    /** The deliveries in a copy. */
    idsIn: async (file: string) => {
      const copy = await openStore(path(file));
      const rows = await copy.db.selectFrom("deliveries").select("id").execute();
      await copy.close();
      return rows.map(({ id }) => id);
    },
  };
}

describe("backup", { concurrency: 2 }, () => {
  it("copies the database into one file that is the owner's alone, also what is in its log only", async (t) => {
    const { place, idsIn, path } = await setUp(t);
    const { stdout, code } = await place.cli("backup", "copy.db");
    assert.equal(code, 0);
    assert.match(stdout, /^copy\.db: .+ KiB, checked\.\nNot in it: hooks\. Keep a copy of that, too\.\n$/);
    assert.equal(statSync(path("copy.db")).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(place.folder).sort(), ["copy.db", "data"]);
    assert.deepEqual(await idsIn("copy.db"), [1]);
  });

  it("says what it does not have: secrets, hooks, settings", async (t) => {
    const { place, path } = await setUp(t, { files: { "longshore.yml": "workers: 1" } });
    await place.cli("secret", "rotate");
    const { durationMs, bytes, ...answer } = await place.json("backup", "copy.db");
    assert.deepEqual(answer, {
      file: path("copy.db"),
      notIncluded: [path("data/secrets"), path("hooks"), path("longshore.yml")],
    });
    assert.equal(bytes, statSync(path("copy.db")).size);
    assert.equal(typeof durationMs, "number");
  });

  it("replaces a file only with --force", async (t) => {
    const { place, refused, idsIn, path } = await setUp(t);
    writeFileSync(path("copy.db"), "precious");
    assert.deepEqual(await refused("copy.db"), {
      code: 2,
      stderr: `${path("copy.db")} is there already. \`--force\` replaces it.\n`,
    });
    assert.equal(readFileSync(path("copy.db"), "utf8"), "precious");
    assert.equal((await place.cli("backup", "copy.db", "--force")).code, 0);
    assert.deepEqual(await idsIn("copy.db"), [1]);
  });

  it("never replaces the database itself, by whatever name", async (t) => {
    const { refused, path } = await setUp(t);
    symlinkSync(path("data/longshore.db"), path("link.db"));
    for (const file of ["data/longshore.db", "link.db", "data/longshore.db-wal"])
      assert.match((await refused(file, "--force")).stderr, /is the database itself\.$/m);
  });

  it("says where it cannot put the copy", async (t) => {
    const { refused, path } = await setUp(t);
    mkdirSync(path("folder"));
    assert.match((await refused("folder", "--force")).stderr, /is a folder; name a file in it/);
    assert.match((await refused("nowhere/copy.db")).stderr, /There is no folder .*nowhere/);
    chmodSync(path("folder"), 0o500);
    if (process.getuid?.() !== 0) assert.match((await refused("folder/x.db")).stderr, /cannot be written to/);
  });

  it("does not fill the disk that the server needs", async (t) => {
    const { refused, path } = await setUp(t, { environment: { LONGSHORE_MIN_FREE_DISK: "900000GiB" } });
    const { code, stderr } = await refused("copy.db");
    assert.equal(code, 1);
    assert.match(stderr, /^There is too little room in .+, and the server needs .+ \(`min-free-disk`\)\.$/m);
    assert.equal(existsSync(path("copy.db")), false);
  });

  it("fails when the copy is damaged, and leaves nothing behind", async (t) => {
    const { place, look, path, refused } = await setUp(t);
    await look.store.db.schema.createIndex("damaged").on("runs").column("reason").execute();
    look.store.maintain();
    const bytes = readFileSync(path("data/longshore.db"));
    // The pages that the file ends with are those of the new index.
    bytes.fill(0xff, bytes.length - 4_096);
    writeFileSync(path("data/longshore.db"), bytes);
    const { code, stderr } = await refused("copy.db");
    assert.equal(code, 1);
    assert.match(stderr, /^The copy is damaged, and so may be the database: .+/);
    assert.deepEqual(readdirSync(place.folder), ["data"]);
  });

  it("leaves out with --compact what is free in the database", async (t) => {
    const { place, look, path, idsIn } = await setUp(t);
    const piece = { runId: 1, attempt: 1, stream: "stdout", at: 1 } as const;
    const pieces = Array.from({ length: 50 }, (_, seq) => ({ ...piece, seq, bytes: Buffer.alloc(50_000) }));
    await appendOutput(look.store.db, pieces);
    await look.store.db.updateTable("runs").set({ status: "failed", finished_at: 1 }).execute();
    await place.cli("prune", "--older-than", "0s");
    const { delivery } = await storeDelivery(look.store);
    await place.cli("backup", "whole.db");
    await place.cli("backup", "compact.db", "--compact");
    assert.deepEqual([await idsIn("whole.db"), await idsIn("compact.db")], [[delivery], [delivery]]);
    assert.ok(statSync(path("whole.db")).size - statSync(path("compact.db")).size > 2_000_000);
    assert.equal(statSync(path("compact.db")).mode & 0o777, 0o600);
  });
});
