import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { readContents } from "../../src/store/deliveries.ts";
import { disableHook } from "../../src/store/disabled-hooks.ts";
import { listNodes } from "../../src/store/nodes.ts";
import { pushPayload } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { count } from "../support/store.ts";
import { storeDelivery } from "../support/store-delivery.ts";
import { until } from "../support/until.ts";

interface Ran {
  delivery: { id: number; guid: string; [name: string]: unknown };
  run: { id: number; status: string; [name: string]: unknown };
}

const BY_HAND = /^by-hand:[0-9a-f-]{36}$/;
const FILES = {
  "hooks/deploy.yml": "on:\n  push:\n    branches: [none]\nrun: make",
  "hooks/many.yml": "on: [push, issues]\nrun: make",
};
const REPOSITORY = {
  full_name: "acme/site",
  name: "site",
  default_branch: "trunk",
  owner: { login: "acme" },
  id: 7,
};
const ORGANIZATION = { login: "acme" };

async function setUp(t: TestContext, files: Record<string, string> = FILES) {
  const place = workplace(t, { files });
  const look = await lookInto(t, place);
  return {
    place,
    look,
    /** A push to the repository that this hook has run for. */
    earlier: (hooks: string[] = ["deploy"], changes: object = {}, source = "github") =>
      storeDelivery(look.store, {
        payload: pushPayload({ repository: REPOSITORY, organization: ORGANIZATION, ...changes }),
        hooks,
        source,
      }),
    payload: async (id: number) =>
      JSON.parse((await readContents(look.store.db, id))?.body.toString() ?? "") as object,
    async refused(...args: string[]) {
      const { code, stderr } = await place.cli("run", ...args);
      assert.equal(code, 2);
      return stderr;
    },
  };
}

describe("run, with no server", { concurrency: 2 }, () => {
  it("stores a delivery that nobody can take for GitHub's, with one run that waits", async (t) => {
    const { place, look, earlier, payload } = await setUp(t);
    await earlier();
    const { delivery: made, run } = await place.json<Ran>("run", "deploy");
    assert.match(made.guid, BY_HAND);
    assert.deepEqual(made, {
      ...{
        id: 2,
        guid: made.guid,
        source: "github",
        webhookId: null,
        event: "workflow_dispatch",
        action: null,
      },
      ...{
        repository: "acme/site",
        ref: "refs/heads/trunk",
        sender: made.sender,
        receivedAt: made.receivedAt,
      },
      ...{ size: made.size, replayed: false, runs: [{ id: 2, hook: "deploy", status: "queued" }] },
    });
    assert.deepEqual([run.id, run.status], [2, "queued"]);
    assert.deepEqual(await payload(2), {
      inputs: {},
      ref: "refs/heads/trunk",
      repository: REPOSITORY,
      organization: ORGANIZATION,
      sender: { login: made.sender },
      workflow: "deploy.yml",
    });
    const [, stored] = await look.deliveries();
    assert.deepEqual([stored?.secret, stored?.client, stored?.webhookId], [null, null, null]);
    assert.deepEqual((await readContents(look.store.db, 2))?.headers, [["content-type", "application/json"]]);
    assert.equal(await count(look.store.db, "bodies_seen"), 1);
  });

  it("says so, and every look at it says that it was made by hand", async (t) => {
    const { place, earlier } = await setUp(t);
    await earlier();
    const { code, stdout } = await place.cli("run", "deploy", "--ref", "release/1");
    assert.equal(code, 0);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "Run 2 of deploy, for delivery 2, which was made by hand: workflow_dispatch, acme/site, refs/heads/release/1.",
      "No server seems to be running. It waits in the queue until one does: npx longshore serve",
    ]);
    assert.match((await place.cli("deliveries", "list")).stdout, /by hand: deploy queued \(2\)$/m);
    const { stdout: shown } = await place.cli("deliveries", "show", "2");
    assert.match(shown, /^delivery {4}2 \(made by hand with `longshore run`, not sent by GitHub\)$/m);
    assert.match(shown, /^secret {6}–$/m);
    assert.match(
      (await place.cli("why", "release/1")).stdout,
      /^Delivery 2 \(workflow_dispatch, .*\) was made by hand here at .* UTC; GitHub has not sent it\.\n {2}Run 2 of deploy has been waiting/,
    );
  });

  it("takes a payload that somebody has, and its event from the hook where that is clear", async (t) => {
    const { place, payload, refused } = await setUp(t);
    const push = pushPayload({ ref: "refs/tags/v1" });
    place.write("push.json", JSON.stringify(push));
    const { delivery: made } = await place.json<Ran>("run", "deploy", "--payload", "push.json");
    assert.deepEqual([made.event, made.ref, made.sender], ["push", "refs/tags/v1", "alice"]);
    assert.match(made.guid, BY_HAND);
    assert.deepEqual(await payload(1), push);

    assert.match(await refused("many", "--payload", "push.json"), /with --event: many is for push, issues\./);
    writeFileSync(join(place.folder, "hooks/all"), "#!/bin/sh\n", { mode: 0o755 });
    assert.match(await refused("all", "--payload", "push.json"), /with --event: all is for every event\./);
    const issues = ["--payload", "push.json", "--event", "issues"];
    assert.equal((await place.json<Ran>("run", "many", ...issues)).delivery.event, "issues");
  });

  it("asks for what it cannot know", async (t) => {
    const { place, earlier, refused, look } = await setUp(t);
    assert.match(
      await refused("deploy"),
      /^deploy has not run for any repository yet: name one with --repo\./,
    );
    assert.match(
      await refused("deploy", "--repo", "acme/new"),
      /^Nothing has come of acme\/new yet .* --ref\./,
    );
    assert.match(await refused("deploy", "--repo", "new"), /^"new" is no repository/);
    assert.match(await refused("deplot"), /^There is no hook "deplot" in hooks\. Did you mean "deploy"\?/);
    assert.match(await refused("deploy", "--event", "push"), /give its payload with --payload/);
    assert.match(await refused("deploy", "--payload", "x", "--ref", "main"), /leave out --repo and --ref/);
    assert.match(await refused("deploy", "--payload", "no.json"), /^no\.json cannot be read: ENOENT/);
    place.write("list.json", "[]");
    assert.match(
      await refused("deploy", "--payload", "list.json"),
      /^list\.json is no payload: the JSON is no object/,
    );
    await earlier();
    await earlier(["deploy"], { repository: { ...REPOSITORY, full_name: "acme/other" } });
    assert.match(
      await refused("deploy"),
      /^deploy has run for several repositories: name one .*\(acme\/other, acme\/site\)/,
    );
    await disableHook(look.store.db, "deploy", 1);
    assert.match(
      await refused("deploy", "--repo", "acme/site"),
      /^deploy is disabled\. `longshore hooks enable deploy`/,
    );
    assert.equal((await look.deliveries()).length, 2);
  });

  it("finds no hook in a file with a mistake, and says so", async (t) => {
    const { refused } = await setUp(t, { "hooks/nightly.yml": "on: schedule\nrun: make" });
    assert.match(
      await refused("nightly"),
      /^There is no hook "nightly" in hooks\. A file with a mistake is no hook: see `longshore check`\./,
    );
  });

  it("is for the one repository that the hook names", async (t) => {
    const one = (repositories: string) => `on: push\nrepositories: ${repositories}\nrun: make`;
    const { place, refused } = await setUp(t, {
      "hooks/one.yml": one("acme/site"),
      "hooks/two.yml": one("[acme/site, acme/other]"),
      "hooks/pattern.yml": one("acme/*"),
    });
    const { delivery: made } = await place.json<Ran>("run", "one", "--ref", "main");
    assert.equal(made.repository, "acme/site");
    const other = await place.json<Ran>("run", "one", "--ref", "main", "--repo", "acme/other");
    assert.equal(other.delivery.repository, "acme/other");
    for (const hook of ["two", "pattern"])
      assert.match(await refused(hook, "--ref", "main"), /has not run for any repository yet: name one/);
  });

  it("is as if it came from the hook's source, and believes no other source", async (t) => {
    const { place, earlier, refused } = await setUp(t, {
      "longshore.yml": "sources:\n  ours:\n    path: /ours\n  theirs:\n    path: /theirs\n",
      "hooks/deploy.yml": "on: push\nsource: ours\nrun: make",
      "push.json": JSON.stringify(pushPayload()),
    });
    await earlier(["deploy"], {}, "ours");
    await earlier([], { repository: { ...REPOSITORY, default_branch: "evil" } }, "theirs");
    const sourceAndRef = async (...args: string[]) => {
      const { delivery: made } = await place.json<Ran>("run", "deploy", ...args);
      return [made.source, made.ref];
    };
    assert.deepEqual(await sourceAndRef(), ["ours", "refs/heads/trunk"]);
    assert.deepEqual(await sourceAndRef("--source", "theirs"), ["theirs", "refs/heads/evil"]);
    assert.deepEqual(await sourceAndRef("--payload", "push.json"), ["ours", "refs/heads/main"]);
    assert.match(await refused("deploy", "--source", "their"), /no source "their"\. Did you mean "theirs"/);
  });

  it("takes a pull request's payload for a hook on `pull_request_target`", async (t) => {
    const { place } = await setUp(t, {
      "hooks/label.yml": "on: [pull_request, pull_request_target]\nrun: make",
      "pull.json": JSON.stringify({ action: "opened", number: 7, repository: REPOSITORY }),
    });
    const { delivery: made } = await place.json<Ran>("run", "label", "--payload", "pull.json");
    assert.deepEqual([made.event, made.action], ["pull_request", "opened"]);
  });

  it("knows a repository that has never sent anything by its name and a branch", async (t) => {
    const { place, payload } = await setUp(t);
    const { delivery: made } = await place.json<Ran>("run", "deploy", "--repo", "acme/new", "--ref", "main");
    assert.deepEqual([made.repository, made.ref], ["acme/new", "refs/heads/main"]);
    assert.deepEqual(Object.keys(await payload(1)), ["inputs", "ref", "repository", "sender", "workflow"]);
  });

  it("learns of a repository from GitHub's deliveries, not from those made by hand", async (t) => {
    const { place, earlier, payload } = await setUp(t);
    await earlier();
    place.write("push.json", JSON.stringify(pushPayload()));
    await place.json<Ran>("run", "deploy", "--payload", "push.json");
    const { delivery: made } = await place.json<Ran>("run", "deploy");
    assert.equal(made.ref, "refs/heads/trunk");
    assert.deepEqual(((await payload(made.id)) as { repository: object }).repository, REPOSITORY);
  });
});

describe("run, beside a server", { concurrency: 2 }, () => {
  const SCRIPTS = {
    "hooks/deploy.yml": 'on: issues\nrun: echo "$GITHUB_EVENT_NAME $GITHUB_REF_NAME $LONGSHORE_GUID"',
    "hooks/broken.yml": "on: issues\nrun: exit 3",
  };

  it("is performed whatever the hook's filters say, and followed to its end", async (t) => {
    const { place, look } = await setUp(t, SCRIPTS);
    await place.serve();
    await until("it says that it is there", async () => (await listNodes(look.store.db, 0)).length > 0);
    const on = ["--repo", "acme/site", "--ref", "dev", "--follow"];
    const { code, stdout, stderr } = await place.cli("run", "deploy", ...on);
    assert.equal(code, 0);
    assert.match(stdout, /^What it prints: npx longshore runs logs 1 --follow$/m);
    assert.match(stdout, /^workflow_dispatch dev by-hand:/m);
    assert.match(stderr, /^run 1 \(deploy\): succeeded, exit code 0/);

    const failed = await place.cli("run", "broken", ...on, "--json");
    assert.equal(failed.code, 1);
    assert.deepEqual((JSON.parse(failed.stdout) as Ran).run.exitCode, 3);
  });

  it("has a GUID that no request can bring", async (t) => {
    const { place, look } = await setUp(t, SCRIPTS);
    const server = await place.serve();
    const { delivery: made } = await place.json<Ran>("run", "deploy", "--repo", "acme/site", "--ref", "dev");
    const { status, json } = await server.send({ guid: made.guid });
    assert.equal(status, 400);
    assert.equal((json as { error: { code: string } }).error.code, "header_invalid");
    assert.equal((await look.deliveries()).length, 1);
  });
});
