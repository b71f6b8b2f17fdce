import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { SHIPPED_LIST_AT } from "../../src/github/addresses.ts";
import { keepAddresses } from "../../src/store/github-addresses.ts";
import { keepRefusals } from "../../src/store/refusals.ts";
import { startAdmin } from "../support/admin.ts";
import { until } from "../support/until.ts";

const admin = await startAdmin(
  { after },
  { files: { "deploy.yml": "on: push\nrun: echo hello\n", "broken.yml": "on: push\n" } },
);

/** The value of a series; `undefined` when there is none. */
async function value(series: string): Promise<number | undefined> {
  const { text } = await admin.ask("/metrics");
  const line = text.split("\n").find((one) => one.startsWith(`longshore_${series} `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ") + 1));
}

describe("GET /metrics", () => {
  it("counts deliveries, runs by how they ended, and refusals", async () => {
    const { runs } = await admin.deliver({ hooks: ["deploy"] });
    await admin.deliver();
    await admin.perform(runs[0] ?? 0, "deploy", 1);
    await keepRefusals(admin.store.db, [
      {
        ...{ at: Date.now(), source: "github", code: "signature_mismatch", peer: null },
        ...{ event: "push", guid: "g", webhookId: "1" },
      },
    ]);
    assert.equal(await value('deliveries_total{source="github"}'), 2);
    assert.equal(await value('deliveries_total{source="github"}'), 2);
    assert.equal(await value('refusals_total{code="signature_mismatch"}'), 1);
    // What has just ended may not all be there yet: it is counted some seconds later, once.
    const ended = () => value('runs_ended_total{hook="deploy",status="failed"}');
    await until("the run is counted", async () => (await ended()) === 1);
    assert.equal(await ended(), 1);
    assert.equal(await value('run_duration_seconds_count{status="failed"}'), 1);
  });

  it("tells how things stand", async () => {
    await admin.deliver({ hooks: ["deploy"] });
    assert.equal(await value('runs{status="queued"}'), 1);
    assert.equal(await value('hooks{state="loaded"}'), 1);
    assert.equal(await value('hooks{state="broken"}'), 1);
    assert.equal(await value('info{version="0.0.0"}'), 1);
    assert.ok(((await value("database_bytes")) ?? 0) > 0);
  });

  it("has the age of the list of addresses that counts: GitHub's last answer, or what came with this version", async () => {
    const age = async () => (await value("address_list_age_seconds")) ?? 0;
    const shipped = (Date.now() - Date.parse(SHIPPED_LIST_AT)) / 1_000;
    assert.ok(Math.abs((await age()) - shipped) < 60, `${await age()} seconds, not ${shipped}`);
    const checkedAt = new Date(Date.now() - 600_000).toISOString();
    await keepAddresses(admin.store.db, {
      apiUrl: "https://api.github.com",
      checkedAt,
      hooks: ["192.0.2.0/24"],
    });
    assert.ok(Math.abs((await age()) - 600) < 60, `${await age()} seconds, not 600`);
    await admin.store.db.deleteFrom("github_addresses").execute();
  });

  it("has how long accepts took on this node", async () => {
    admin.beat({ hooksReadAt: Date.now(), acceptDurations: [2, 40] });
    assert.equal(await value("accept_duration_seconds_count"), 2);
    assert.equal(await value('accept_duration_seconds_bucket{le="0.0025"}'), 1);
    const { json } = await admin.ask("/api/overview");
    assert.deepEqual([json.acceptDurations.count, json.acceptDurations.p50], [2, 2]);
  });

  it("makes no label of what strangers say", async () => {
    await admin.deliver({ hooks: ["nobody"], source: "elsewhere", event: "evil" });
    const { text } = await admin.ask("/metrics");
    for (const word of ["elsewhere", "evil", "nobody", "alice", "acme"])
      assert.ok(!text.includes(word), word);
  });

  it("wants a token, by whatever name it is asked; no cookie will do", async () => {
    const { status, headers } = await admin.ask("/metrics", { headers: { host: "10.0.0.1:8081" } });
    assert.equal(status, 200);
    assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/);
    assert.equal((await admin.ask("/metrics", { token: null })).status, 401);
    const token = admin.tokens.viewer;
    const signedIn = await admin.ask("/api/session", { method: "POST", body: { token }, token: null });
    const cookie = String(signedIn.headers["set-cookie"]).split(";")[0] ?? "";
    assert.equal((await admin.ask("/api/session", { token: null, headers: { cookie } })).status, 200);
    assert.equal((await admin.ask("/metrics", { token: null, headers: { cookie } })).status, 401);
  });
});

describe("GET /readyz", () => {
  const ask = () => admin.ask("/readyz", { token: null, headers: { host: "10.0.0.1" } });

  it("says to anybody that the store is written to and the hooks are read", async () => {
    const { status, json } = await ask();
    assert.equal(status, 200);
    assert.deepEqual(json, { ready: true, checks: { store: "ok", hooks: "ok", addresses: "old" } });
  });

  it("says no when the hooks have not been read for long", async () => {
    admin.beat({ hooksReadAt: Date.now() - 60_000, acceptDurations: [] });
    const { status, json } = await ask();
    assert.deepEqual([status, json.ready, json.checks.hooks], [503, false, "not read"]);
    admin.beat({ hooksReadAt: Date.now(), acceptDurations: [] });
  });

  it("says no when nothing can be written", async (t) => {
    const small = await startAdmin(t, { settings: { minFreeDiskBytes: Number.MAX_SAFE_INTEGER } });
    const { status, json } = await small.ask("/readyz", { token: null });
    if (small.store.isRemote) assert.equal(status, 200);
    else assert.deepEqual([status, json.checks.store], [503, "disk full"]);
  });
});
