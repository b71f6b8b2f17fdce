import assert from "node:assert/strict";
import { after, describe, it, type TestContext } from "node:test";
import { openStore } from "../../src/store/store.ts";
import { createDatabase, startPostgres } from "../support/postgres.ts";
import { workplace } from "../support/server.ts";
import { hasHeardEverything } from "../support/store.ts";
import { until } from "../support/until.ts";

const postgres = await startPostgres({ after });

async function setUp(t: TestContext) {
  const database = await createDatabase(postgres.url);
  const place = workplace(t, {
    files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" },
    environment: { LONGSHORE_DATABASE: database },
  });
  const waiting = await openStore(database);
  t.after(() => waiting.close());
  return { place, database, waiting };
}

describe("a command on PostgreSQL", () => {
  it("that makes a run due tells the workers, who need not look for it", async (t) => {
    const { place, waiting } = await setUp(t);
    await hasHeardEverything(waiting);
    assert.equal((await place.cli("run", "deploy", "--repo", "acme/site", "--ref", "main")).code, 0);
    await until("a worker has heard of a run by hand", () => waiting.hasChanged());

    assert.equal((await place.cli("hooks", "disable", "deploy")).code, 0);
    await hasHeardEverything(waiting);
    assert.equal((await place.cli("hooks", "enable", "deploy")).code, 0);
    await until("a worker has heard of an enabled hook", () => waiting.hasChanged());
  });

  it("leaves backups to PostgreSQL's own tools, and names them without the password", async (t) => {
    const { place, database } = await setUp(t);
    const { code, stderr } = await place.cli("backup", "copy");
    assert.equal(code, 2);
    assert.match(stderr, /pg_dump --format=custom --file=.*copy "postgres:\/\/postgres:\*\*\*@127\.0\.0\.1:/);
    assert.ok(!stderr.includes(new URL(database).password));
  });
});

describe("a server on PostgreSQL", () => {
  it("makes no secret of its own, which others would not know", async (t) => {
    const { place } = await setUp(t);
    delete place.environment.GITHUB_WEBHOOK_SECRET;
    const { code, stderr } = await place.cli("serve");
    assert.equal(code, 2);
    assert.match(stderr, /source "github" has no secret/);
  });
});
