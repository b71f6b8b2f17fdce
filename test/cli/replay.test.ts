import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { describe, it, type TestContext } from "node:test";
import { pushPayload, sample } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

interface Answer {
  delivery: number;
  dryRun: boolean;
  runs: { hook: string; run: number | null }[];
  busy: { hook: string; run: number }[];
}

const FILES = {
  "hooks/build.yml": "on: push\nconcurrency: site\nrun: make",
  "hooks/deploy.yml": "on: push\nrun: make deploy",
  "hooks/triage.yml": "on: issues\nrun: triage",
};

async function setUp(t: TestContext) {
  const place = workplace(t, { files: FILES });
  const look = await lookInto(t, place);
  return {
    place,
    look,
    replay: (...args: string[]) => place.json<Answer>("deliveries", "replay", ...args),
    refused: async (...args: string[]) => {
      const { code, stderr } = await place.cli("deliveries", "replay", ...args);
      assert.equal(code, 2);
      return stderr;
    },
  };
}

describe("deliveries replay", { concurrency: 2 }, () => {
  it("starts a run of every hook of today that the delivery matches, in its group", async (t) => {
    const { look, place, replay } = await setUp(t);
    await storeDelivery(look.store);
    assert.deepEqual(await replay("1"), {
      delivery: 1,
      dryRun: false,
      runs: [
        { hook: "build", run: 1 },
        { hook: "deploy", run: 2 },
      ],
      busy: [],
    });
    const rows = await look.store.db.selectFrom("runs").select(["hook", "concurrency_group"]).execute();
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [
        { hook: "build", concurrency_group: "github acme/site site" },
        { hook: "deploy", concurrency_group: null },
      ],
    );

    const { stdout } = await place.cli("deliveries", "replay", "1", "--hook", "triage");
    assert.equal(stdout, "Run 3 of triage, for delivery 1 once more.\n");
  });

  it("starts executables in their order, behind all others", async (t) => {
    const { look, place, replay } = await setUp(t);
    for (const name of ["all", "push", "push-site-main"]) place.write(`hooks/${name}`, "#!/bin/sh\n", 0o755);
    await storeDelivery(look.store);
    assert.deepEqual(
      (await replay("1")).runs.map(({ hook }) => hook),
      ["build", "deploy", "push-site-main", "push", "all"],
    );
  });

  it("starts nothing twice at once", async (t) => {
    const { look, place, replay } = await setUp(t);
    await storeDelivery(look.store, { hooks: ["deploy"] });
    assert.deepEqual(await replay("1", "--hook", "deploy"), {
      delivery: 1,
      dryRun: false,
      runs: [],
      busy: [{ hook: "deploy", run: 1 }],
    });
    const { stdout } = await place.cli("deliveries", "replay", "1", "--hook", "deploy");
    assert.equal(stdout, "deploy is at it still: run 1 has not ended.\n");
  });

  it("only says what it would do with --dry-run", async (t) => {
    const { look, place, replay } = await setUp(t);
    await storeDelivery(look.store);
    assert.deepEqual((await replay("1", "--dry-run")).runs, [
      { hook: "build", run: null },
      { hook: "deploy", run: null },
    ]);
    const { stdout } = await place.cli("deliveries", "replay", "1", "--dry-run");
    assert.equal(stdout, "build would run for delivery 1.\ndeploy would run for delivery 1.\n");
    assert.deepEqual(await look.runs(), []);
  });

  it("starts runs of all deliveries that fit the filters, the oldest first", async (t) => {
    const { look, place } = await setUp(t);
    const push = (repository: string, receivedAt: number) =>
      storeDelivery(look.store, {
        payload: pushPayload({ repository: { full_name: repository, name: "site" } }),
        receivedAt,
      });
    await push("acme/site", Date.now() - 3 * 3_600_000);
    await push("acme/site", Date.now() - 1_000);
    await push("acme/other", Date.now());
    await push("acme/site", Date.now());
    const dry = await place.cli(
      ...["deliveries", "replay", "--repo", "acme/site", "--since", "2h", "--hook", "deploy", "--dry-run"],
    );
    assert.equal(dry.stdout, "deploy would run for delivery 2.\ndeploy would run for delivery 4.\n");
    assert.deepEqual(await look.runs(), []);
    const all = ["--repo", "acme/site", "--since", "2h", "--hook", "deploy"];
    assert.deepEqual(await place.json("deliveries", "replay", ...all), {
      dryRun: false,
      items: [
        { delivery: 2, runs: [{ hook: "deploy", run: 1 }], busy: [] },
        { delivery: 4, runs: [{ hook: "deploy", run: 2 }], busy: [] },
      ],
      heldBack: [],
    });
    const [run] = await look.runs();
    assert.equal(run?.askedBy, userInfo().username);
  });

  it("starts only those hooks whose last run has the status that is asked for", async (t) => {
    const { look, place } = await setUp(t);
    const { db } = look.store;
    await storeDelivery(look.store, { hooks: ["build", "deploy"] });
    await db.updateTable("runs").set({ status: "succeeded", finished_at: 1 }).execute();
    await db.updateTable("runs").set({ status: "failed" }).where("hook", "=", "deploy").execute();
    await storeDelivery(look.store);
    const { stdout } = await place.cli("deliveries", "replay", "--status", "failed");
    assert.equal(stdout, "Run 3 of deploy, for delivery 1 once more.\n");
  });

  it("does not run a hook for what it does not match, unless that one delivery is named", async (t) => {
    const { look, place } = await setUp(t);
    await storeDelivery(look.store);
    const none = await place.cli("deliveries", "replay", "--event", "push", "--hook", "triage");
    assert.equal(none.stdout, "No delivery fits that matches a hook.\n");
  });

  it("leaves out what is held back as a replay, unless that one delivery is named", async (t) => {
    const { look, place } = await setUp(t);
    await storeDelivery(look.store);
    await look.store.db.updateTable("deliveries").set({ replayed: 1 }).execute();
    const { stdout } = await place.cli("deliveries", "replay", "--event", "push");
    assert.match(
      stdout,
      /\nHeld back as replays, and left out: 1\. Name one by its number to replay it\.\n$/,
    );
    assert.deepEqual(await look.runs(), []);
    await place.cli("deliveries", "replay", "1", "--hook", "deploy");
    assert.equal((await look.runs()).length, 1);
  });

  it("says where nothing matches, and what is not there", async (t) => {
    const { look, place, refused } = await setUp(t);
    await storeDelivery(look.store, { event: "star", payload: sample("star", "created") });
    const { stdout } = await place.cli("deliveries", "replay", "1");
    assert.match(stdout, /^Delivery 1 matches no hook\. `longshore explain --delivery 1` says why; `--hook`/);
    assert.match(await refused("7"), /^There is no delivery 7\./);
    assert.match(await refused("1", "--hook", "deplo"), /^There is no hook "deplo".*Did you mean "deploy"\?/);
    await place.cli("hooks", "disable", "deploy");
    assert.match(
      await refused("1", "--hook", "deploy"),
      /^deploy is disabled\. `longshore hooks enable deploy`/,
    );
  });
});

describe("deliveries replay, beside a server", () => {
  it("puts no old state back, unless it is forced to", async (t) => {
    const { place, look } = await setUp(t);
    place.write("hooks/deploy.yml", "on: push\nrun: 'true'");
    const server = await place.serve();
    for (const pushed_at of [1_000, 2_000]) {
      const repository = { full_name: "acme/site", name: "site", pushed_at };
      await server.send({ body: pushPayload({ repository }) });
      await look.reached(pushed_at === 1_000 ? 2 : 4, "succeeded");
    }
    await place.cli("deliveries", "replay", "1", "--hook", "deploy");
    assert.equal((await look.reached(5, "skipped")).reason, "older than run 4");
    await place.cli("deliveries", "replay", "1", "--hook", "deploy", "--force");
    await look.reached(6, "succeeded");
  });

  it("is how a person approves what came from a fork, which gets no secrets all the same", async (t) => {
    const { place, look } = await setUp(t);
    place.environment.DEPLOY_TOKEN = "a-secret-of-the-owner";
    place.write(
      "hooks/ci.yml",
      'on: pull_request\nenv: { TOKEN: "${{ secrets.DEPLOY_TOKEN }}" }\nrun: echo "token <$TOKEN> of $GITHUB_EVENT_NAME"',
    );
    const server = await place.serve();
    const pull = sample("pull_request", "opened") as { pull_request: { head: { repo: object } } };
    pull.pull_request.head.repo = { full_name: "mallory/Hello-World" };
    const { status } = await server.send({ event: "pull_request", body: pull });
    assert.equal(status, 204);
    assert.match((await place.cli("deliveries", "show", "1")).stdout, /longshore deliveries replay/);

    await place.cli("deliveries", "replay", "1", "--hook", "ci");
    await look.reached(1, "succeeded");
    assert.equal(await look.output(1), "token <> of pull_request\n");
  });
});
