import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { findRun, type Run } from "../../src/store/runs.ts";
import { openStore } from "../../src/store/store.ts";
import { delivery } from "../support/github.ts";
import { mountStored } from "../support/mounted.ts";
import { startPostgres } from "../support/postgres.ts";
import { until } from "../support/until.ts";

const { url } = await startPostgres({ after });

describe("a receiver with a store on PostgreSQL", () => {
  it("shares the work with other processes' receivers, and a redelivery with them", async (t) => {
    const apps = [await mountStored(t, url), await mountStored(t, url)];
    const calls: number[] = [];
    for (const { receiver } of apps)
      receiver.on("push", { name: "deploy", retry: { backoff: 0 } }, ({ run }) => {
        calls.push(run?.id ?? 0);
        if (run?.attempt === 1) throw new Error("once more");
      });
    const sent = Array.from({ length: 6 }, () => delivery());
    const answers = await Promise.all(sent.flatMap((one) => apps.map((app) => app.send(one))));
    const runs = answers.flatMap(({ json }) => (json as { runs: number[] }).runs);
    const store = await openStore(url);
    t.after(() => store.close());
    let found: Run | undefined;
    for (const run of runs)
      await until(
        () => `it has succeeded; it is ${JSON.stringify(found)}`,
        async () => {
          found = await findRun(store.db, run);
          return found?.status === "succeeded";
        },
      );
    assert.equal(runs.length, 6);
    assert.deepEqual(calls.sort(), [...runs, ...runs].sort());
  });
});
