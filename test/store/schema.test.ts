import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { openTestStore } from "../support/store.ts";

const SNAPSHOT = fileURLToPath(new URL("schema.sql", import.meta.url));

describe("the schema", () => {
  // After a new migration: `node --test --test-update-snapshots test/store/schema.test.ts`, and read the difference.
  it("is what schema.sql says: all migrations together", async (t) => {
    const { path } = await openTestStore(t);
    const database = new DatabaseSync(path);
    const rows = database
      .prepare(
        "select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by tbl_name, type desc, name",
      )
      .all();
    database.close();
    t.assert.fileSnapshot(rows.map(({ sql }) => `${sql};\n`).join("\n"), SNAPSHOT, {
      serializers: [(text: string) => text.replaceAll(/^ {6}/gm, "  ").replaceAll(/^ {4}\)/gm, ")")],
    });
  });
});
