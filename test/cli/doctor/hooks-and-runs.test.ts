import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { practice, practiceWithStore } from "../../support/doctor.ts";
import { sample } from "../../support/github.ts";
import { storeDelivery } from "../../support/store-delivery.ts";

const HOUR_MS = 3_600_000;

describe("the doctor on hook files", { concurrency: 2 }, () => {
  it("tells their mistakes as `check` does", async (t) => {
    const { ask } = practice(t, { files: { "hooks/bad.yml": "on: push\nruns: make" } });
    const found = await ask("hooks");
    assert.ok(found.length > 0 && found.some(({ status }) => status === "bad"));
    assert.match(found[0]?.message ?? "", /^hooks\/bad\.yml:1:1: error: `run` or `forward` is missing/);
  });

  it("tells what is only odd, and accounts that there are not, as warnings", async (t) => {
    const { ask } = practice(t, { files: { "hooks/deploy.yml": "on: pusch\nuser: nobody-here\nrun: make" } });
    const found = (await ask("hooks")).map(({ status, message }) => `${status} ${message}`);
    assert.match(found[0] ?? "", /^warning hooks\/deploy\.yml:1:5: warning: .*pusch/);
    assert.match(found[1] ?? "", /^warning hooks\/deploy\.yml: warning: runs will fail: .*no account/);
  });

  it("warns where there are none", async (t) => {
    const { askOnce } = practice(t, { files: { "longshore.yml": "hooks: ./others" } });
    assert.match(await askOnce("hooks"), /^(warning|bad): .*others/);
  });
});

describe("the doctor on what matches", { concurrency: 2 }, () => {
  it("warns where nothing has ever come", async (t) => {
    const { askOnce } = await practiceWithStore(t);
    assert.equal(await askOnce("matches"), "warning: nothing has come from GitHub yet");
  });

  it("finds a hook that has never matched although its events came", async (t) => {
    const { ask, look, place } = await practiceWithStore(t, {
      files: { "hooks/deploy.yml": "on: { push: { branches: [release] } }\nrun: make" },
    });
    utimesSync(join(place.folder, "hooks/deploy.yml"), 1, 1);
    await storeDelivery(look.store);
    const { delivery } = await storeDelivery(look.store);
    const [finding] = await ask("matches");
    assert.equal(finding?.status, "warning");
    assert.match(
      finding?.message ?? "",
      /^deploy has never matched, although 2 deliveries of its events came/,
    );
    assert.match(finding?.remedy ?? "", new RegExp(`^longshore explain --delivery ${delivery} `));
  });

  it("finds a hook whose event is not sent, once enough else came", async (t) => {
    const { askOnce, look, place } = await practiceWithStore(t);
    utimesSync(join(place.folder, "hooks/deploy.yml"), 1, 1);
    for (let n = 0; n < 10; n++)
      await storeDelivery(look.store, { event: "issues", payload: sample("issues", "opened") });
    assert.match(
      await askOnce("matches"),
      /^warning: deploy has never matched: of the 10 deliveries .+ none is a push$/,
    );
  });

  it("is content with a hook that has run, is disabled, or has only just been written", async (t) => {
    const { askOnce, look, place } = await practiceWithStore(t, {
      files: { "hooks/off.yml": "on: push\nrun: make", "hooks/new.yml": "on: push\nrun: make" },
    });
    const receivedAt = Date.now() - HOUR_MS;
    await storeDelivery(look.store, { hooks: ["deploy"], receivedAt });
    utimesSync(join(place.folder, "hooks/off.yml"), 1, 1);
    await place.cli("hooks", "disable", "off");
    assert.equal(await askOnce("matches"), "good: every hook that something came for has matched");
  });
});

describe("the doctor on the queue", { concurrency: 2 }, () => {
  it("finds runs that nobody performs", async (t) => {
    const { ask, look } = await practiceWithStore(t);
    await storeDelivery(look.store, { hooks: ["deploy"], receivedAt: Date.now() - HOUR_MS / 2 });
    const [finding] = await ask("queue");
    assert.equal(finding?.status, "bad");
    assert.equal(finding?.message, "runs have been waiting for 30 min 0 s, and nobody performs any");
    assert.match(finding?.remedy ?? "", /longshore serve$/);
  });

  it("only warns while a worker is at work, after an hour", async (t) => {
    const { askOnce, look } = await practiceWithStore(t);
    const now = Date.now();
    const { runs } = await storeDelivery(look.store, { hooks: ["deploy"] });
    const held = {
      status: "running",
      worker: "w",
      lease_until: now + HOUR_MS,
      started_at: now,
      attempt: 1,
    } as const;
    await look.store.db.updateTable("runs").set(held).where("id", "in", runs).execute();
    await storeDelivery(look.store, { hooks: ["deploy"], receivedAt: now - HOUR_MS / 2 });
    assert.equal(await askOnce("queue"), "good: no run waits for long");
    await storeDelivery(look.store, { hooks: ["deploy"], receivedAt: now - 3 * HOUR_MS });
    assert.match(await askOnce("queue"), /^warning: runs have been waiting for 3 h 0 min while others/);
  });

  it("finds runs that wait for a hook that is disabled", async (t) => {
    const { ask, look, place } = await practiceWithStore(t);
    await storeDelivery(look.store, { hooks: ["deploy"], receivedAt: Date.now() - HOUR_MS });
    await place.cli("hooks", "disable", "deploy");
    const found = await ask("queue");
    assert.deepEqual(
      found.map(({ status, message }) => `${status}: ${message}`),
      ["warning: deploy is disabled, and 1 of its runs wait until it is enabled again"],
    );
    assert.match(found[0]?.remedy ?? "", /^longshore hooks enable deploy /);
  });
});

describe("the doctor on failures", { concurrency: 2 }, () => {
  it("finds a hook whose last run has failed, until one succeeds", async (t) => {
    const { ask, askOnce, look } = await practiceWithStore(t);
    const end = async (status: "failed" | "succeeded") => {
      const { runs } = await storeDelivery(look.store, { hooks: ["deploy"] });
      await look.store.db
        .updateTable("runs")
        .set({ status, finished_at: 1 })
        .where("id", "in", runs)
        .execute();
    };
    await end("succeeded");
    await end("failed");
    const [finding] = await ask("failures");
    assert.equal(
      `${finding?.status}: ${finding?.message}`,
      "warning: the last run of deploy has failed, and 1 of its last 2",
    );
    assert.equal(finding?.remedy, "longshore runs logs 2 shows what it printed");
    await end("succeeded");
    assert.match(await askOnce("failures"), /^good/);
  });
});
