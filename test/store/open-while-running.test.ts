import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openStore } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Says whether another process could have the database for itself alone, as a tool has to that tidies up behind itself. */
const TAKE_OVER = `
  import { DatabaseSync } from "node:sqlite";
  const database = new DatabaseSync(process.argv[1], { timeout: 0 });
  try {
    database.exec("pragma locking_mode = exclusive; select count(*) from runs; begin immediate; commit");
    console.log("taken over");
  } catch (error) {
    console.log(error.message);
  }
  database.close();`;

function takeOver(database: string): string {
  const args = ["--no-warnings", "--input-type=module", "--eval", TAKE_OVER, database];
  return execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
}

describe("a database that this process has open several times", () => {
  it("is not taken for abandoned by another process, which could throw the write-ahead log away", async (t) => {
    const database = join(temporaryFolder(t), "longshore.db");
    const first = await openStore(database, { maintainedElsewhere: true });
    const second = await openStore(database, { maintainedElsewhere: true });
    assert.equal(takeOver(database), "database is locked");

    await second.close();
    assert.equal(takeOver(database), "database is locked");

    await first.close();
    assert.equal(takeOver(database), "taken over");
  });
});
