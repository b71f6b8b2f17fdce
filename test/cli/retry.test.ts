import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { describe, it, type TestContext } from "node:test";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

const FILES = {
  "hooks/deploy.yml": "on: push\nconcurrency: site\nrun: make deploy",
  "hooks/build.yml": "on: push\nrun: make",
};

async function setUp(t: TestContext) {
  const place = workplace(t, { files: FILES });
  const look = await lookInto(t, place);
  const { db } = look.store;
  return {
    place,
    look,
    retry: (...args: string[]) => place.cli("runs", "retry", ...args),
    /** A run that has ended. */
    async ended(hook: string, status: "failed" | "succeeded" = "failed", receivedAt = Date.now()) {
      const { runs } = await storeDelivery(look.store, { hooks: [hook], receivedAt });
      const id = runs[0] ?? assert.fail();
      await db.updateTable("runs").set({ status, finished_at: 1 }).where("id", "=", id).execute();
    },
    rows: async () =>
      (
        await db
          .selectFrom("runs")
          .select(["id", "status", "retry_of", "asked_by", "concurrency_group"])
          .orderBy("id")
          .execute()
      ).map((row) => ({ ...row })),
  };
}

describe("runs retry", { concurrency: 2 }, () => {
  it("makes a new run for the same delivery, in its group, and says who asked", async (t) => {
    const { place, ended, retry, rows } = await setUp(t);
    await ended("deploy");
    const { code, stdout } = await retry("1");
    assert.deepEqual([code, stdout], [0, "Run 1 of deploy, for delivery 1, is tried once more by run 2.\n"]);
    const [old, again] = await rows();
    assert.equal(old?.status, "failed");
    assert.deepEqual(again, {
      id: 2,
      status: "queued",
      retry_of: 1,
      asked_by: userInfo().username,
      concurrency_group: "github acme/site site",
    });
    const shown = await place.cli("runs", "show", "2");
    assert.match(shown.stdout, new RegExp(`\nretry of {3}1\nasked by {3}${userInfo().username}\n`));
  });

  it("takes any run that has ended, when it is named", async (t) => {
    const { ended, retry, rows } = await setUp(t);
    await ended("build", "succeeded");
    assert.equal((await retry("1")).code, 0);
    assert.equal((await rows()).length, 2);
  });

  it("takes the failed ones that fit the filters, save those that have been tried again since", async (t) => {
    const { place, ended, retry, rows } = await setUp(t);
    await ended("deploy", "failed", Date.now() - 3 * 3_600_000);
    await ended("deploy");
    await ended("build");
    await ended("deploy", "succeeded");
    const dry = await retry("--hook", "deploy", "--since", "2h", "--dry-run");
    assert.equal(dry.stdout, "Run 2 of deploy, for delivery 2, would be tried once more.\n");
    assert.equal((await rows()).length, 4);

    assert.deepEqual(await place.json("runs", "retry", "--hook", "deploy", "--since", "2h"), {
      dryRun: false,
      runs: [{ run: 2, hook: "deploy", delivery: 2, retriedBy: 5, problem: null }],
    });
    const again = await retry("--hook", "deploy", "--since", "2h");
    assert.equal(again.stdout, "All that fit have been tried again since.\n");
  });

  it("says of each run why it is not tried again, and goes on with the others", async (t) => {
    const { place, ended, retry, rows } = await setUp(t);
    await ended("gone");
    await ended("build");
    const { code, stdout } = await retry("--status", "failed");
    assert.equal(code, 0);
    assert.match(stdout, /^Run 1 of gone, for delivery 1, is not tried again: There is no hook "gone"/);
    assert.match(stdout, /\nRun 2 of build, for delivery 2, is tried once more by run 3\.\n$/);

    const busy = await retry("2");
    assert.deepEqual(
      [busy.code, busy.stdout],
      [1, "Run 2 of build, for delivery 2, is not tried again: run 3 is at it still.\n"],
    );
    assert.match((await retry("3")).stdout, /is not tried again: it has not ended yet\.\n$/);
    assert.equal((await rows()).length, 3);
    assert.equal((await retry("--hook", "x")).stdout, "No run fits.\n");
    assert.equal((await place.cli("runs", "retry")).code, 2);
  });
});
