import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shareWithPostgres, showDatabase, withoutPassword } from "../../src/config/database.ts";

describe("a database, shown", () => {
  it("is a path as short as it can be", () => {
    assert.equal(showDatabase(`${process.cwd()}/data/longshore.db`), "data/longshore.db");
    assert.equal(withoutPassword("/srv/x.db"), "/srv/x.db");
  });

  it("is a URL without its password, wherever that stands", () => {
    assert.equal(showDatabase("postgres://me:s3cret@db:5432/x"), "postgres://me:***@db:5432/x");
    assert.equal(withoutPassword("postgres://db/x?password=s3cret"), "postgres://db/x?password=***");
    assert.equal(withoutPassword("postgres:///x?host=/run/pg"), "postgres:///x?host=/run/pg");
  });
});

describe("the variables of PostgreSQL", () => {
  it("may come from `.env` or a file, and never override those of the process", (t) => {
    t.after(() => {
      for (const name of ["PGUSER", "PGPASSWORD", "PGTARGET"]) delete process.env[name];
    });
    process.env.PGUSER = "of-the-process";
    const values: Record<string, string> = { PGUSER: "of-the-file", PGPASSWORD: "s3cret", PGTARGET: "x" };
    shareWithPostgres({ dotEnvPath: "", get: (name) => values[name] });
    assert.equal(process.env.PGUSER, "of-the-process");
    assert.equal(process.env.PGPASSWORD, "s3cret");
    assert.equal(process.env.PGTARGET, undefined);
  });
});
