import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import pg from "pg";
import { networkTo } from "../support/network.ts";
import { createDatabase, startPostgres } from "../support/postgres.ts";
import { isRunning } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { startWorker } from "../support/worker.ts";

const postgres = await startPostgres({ after });

describe("a run whose worker cannot use the database", () => {
  it("is interrupted when its delivery cannot be read, and tried again; it has not failed", async (t) => {
    const database = await createDatabase(postgres.url);
    const work = await startWorker(t, { database, busyMs: 1_000, isIdle: true });
    const somebodyElse = new pg.Client(database);
    await somebodyElse.connect();
    const run = await work.start(work.hook("echo done"));
    // Whoever wants the body waits; claiming goes on.
    await somebodyElse.query("begin; lock table packs in access exclusive mode");
    await work.worker.start();
    await until("it was interrupted", async () => {
      const [row] = await work.store.db.selectFrom("runs").selectAll().execute();
      return row && (row.interruptions > 0 || row.finished_at !== null);
    });
    await somebodyElse.end();

    const { status, stdout } = await work.ended(run);
    assert.deepEqual([status, stdout], ["succeeded", "done\n"]);
    const attempts = await work.store.db.selectFrom("attempts").selectAll().execute();
    assert.equal(attempts[0]?.outcome, "interrupted");
    const told = work.log.find(({ message }) => message.startsWith("run interrupted"));
    assert.match(String(told?.fields.reason), /^the database could not be read: /);
  });

  it("has its script killed before another worker may take it over", async (t) => {
    const database = await createDatabase(postgres.url);
    const network = await networkTo(t, Number(new URL(database).port));
    const url = new URL(database);
    url.port = String(network.port);
    const work = await startWorker(t, { database: url.href, busyMs: 1_000 });
    await work.start(work.hook("echo $$; trap '' TERM; while :; do sleep 0.1; done"));
    const pid = await until("it runs", async () => {
      const rows = await work.store.db.selectFrom("output").select("bytes").execute();
      return Number(Buffer.concat(rows.map(({ bytes }) => bytes)).toString()) || undefined;
    });
    const { lease_until: before } = await work.store.db
      .selectFrom("runs")
      .select("lease_until")
      .executeTakeFirstOrThrow();

    network.cut();
    await until("its script is dead", () => !isRunning(pid));
    const diedAt = Date.now();
    network.mend();

    const row = await until("the database is back", () =>
      work.store.db
        .selectFrom("runs")
        .selectAll()
        .executeTakeFirstOrThrow()
        .catch(() => undefined),
    );
    assert.ok(diedAt < Math.max(before ?? 0, row.lease_until ?? 0), "its lease was not over yet");
  });
});
