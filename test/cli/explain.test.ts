import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { pushPayload } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { type Workplace, workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

const FILES = {
  "hooks/deploy.yml": "on:\n  push:\n    branches: main\nrun: make",
  "hooks/triage.yml": "on: issues\nrun: make",
  "dev.json": JSON.stringify(pushPayload({ ref: "refs/heads/dev" })),
};

const NOT_DEV = {
  event: "push",
  hooks: [
    {
      hook: "deploy",
      matches: false,
      checks: [
        { filter: "on", passed: true, reason: "the event is `push`" },
        { filter: "push.branches", passed: false, reason: "`dev` matches none of [main]" },
      ],
    },
    {
      hook: "triage",
      matches: false,
      checks: [{ filter: "on", passed: false, reason: "`push` is not among [issues]" }],
    },
  ],
};

async function refused(place: Workplace, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await place.cli("explain", ...args);
  assert.deepEqual([code, stdout], [2, ""]);
  return stderr;
}

describe("explain", { concurrency: 2 }, () => {
  it("says of a file what every hook says, without a database", async (t) => {
    const place = workplace(t, { files: FILES });
    assert.deepEqual(await place.json("explain", "dev.json", "--event", "push"), NOT_DEV);

    const { code, stdout } = await place.cli("explain", "dev.json", "--event", "push");
    assert.equal(code, 0);
    assert.equal(
      stdout,
      [
        "push, acme/site, refs/heads/dev",
        "",
        "deploy does not match",
        "  ✓ on: the event is `push`",
        "  ✗ push.branches: `dev` matches none of [main]",
        "triage does not match",
        "  ✗ on: `push` is not among [issues]",
        "",
      ].join("\n"),
    );
  });

  it("reads standard input", (t) => {
    const place = workplace(t, { files: FILES });
    const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
    const { stdout } = spawnSync(process.execPath, [main, "explain", "-", "--event", "push", "--json"], {
      cwd: place.folder,
      env: place.environment,
      input: FILES["dev.json"],
      encoding: "utf8",
    });
    assert.deepEqual(JSON.parse(stdout), NOT_DEV);
  });

  it("knows the event of a sample, and its action", async (t) => {
    const place = workplace(t, { files: FILES });
    const matching = async (sample: string) => {
      const { event, hooks } = await place.json<typeof NOT_DEV>("explain", sample);
      return [event, hooks.filter(({ matches }) => matches).map(({ hook }) => hook)];
    };
    assert.deepEqual(await matching("issues.opened"), ["issues", ["triage"]]);
    assert.deepEqual(await matching("watch"), ["watch", []]);
    const { stdout } = await place.cli("explain", "issues.labeled");
    assert.match(stdout, /^issues\.labeled, /);
  });

  it("says of a stored delivery what today's hooks say", async (t) => {
    const place = workplace(t, { files: FILES });
    const { store } = await lookInto(t, place);
    await storeDelivery(store, { payload: pushPayload({ ref: "refs/heads/dev" }) });
    assert.deepEqual(await place.json("explain", "--delivery", "1"), NOT_DEV);
    const { stdout } = await place.cli("explain", "--delivery", "1");
    assert.match(stdout, /^delivery 1, by the hooks of today\n\ndeploy does not match$/m);
    assert.match(await refused(place, "--delivery", "2"), /^There is no delivery 2\./);
    assert.match(await refused(place, "--delivery", "1", "--event", "push"), /leave the rest out/);
  });

  it("says what matches only because nobody knows which files have changed", async (t) => {
    const place = workplace(t, {
      files: {
        "hooks/code.yml": "on:\n  pull_request_target:\n    paths: src/**\nrun: make",
        "pull.json": JSON.stringify({ action: "opened", number: 7, repository: { full_name: "acme/site" } }),
      },
    });
    const reason =
      "which files have changed is not known (the payload of a pull request does not list them), so any of them may match";
    const check = { filter: "pull_request_target.paths", passed: true, reason, undecided: true };
    // Whichever of its two names the event is given.
    for (const name of ["pull_request", "pull_request_target"]) {
      const { event, hooks } = await place.json<typeof NOT_DEV>("explain", "pull.json", "--event", name);
      assert.equal(event, "pull_request");
      assert.equal(hooks[0]?.matches, true);
      assert.deepEqual(hooks[0].checks.at(-1), check);
    }
    const { stdout } = await place.cli("explain", "pull.json", "--event", "pull_request");
    assert.ok(stdout.endsWith(`\n  ? pull_request_target.paths: ${reason}\n`));
  });

  it("judges as if the payload came to the source that is named", async (t) => {
    const hookOf = (source: string) => `on: push\nsource: ${source}\nrun: make`;
    const place = workplace(t, {
      files: {
        "longshore.yml": "sources:\n  ours:\n    path: /ours\n  theirs:\n    path: /theirs\n",
        "hooks/ours.yml": hookOf("ours"),
        "hooks/theirs.yml": hookOf("theirs"),
        "dev.json": FILES["dev.json"],
      },
    });
    assert.match(await refused(place, "dev.json", "--event", "push"), /^Name the source: ours, theirs\./);
    const push = ["dev.json", "--event", "push", "--source", "theirs"];
    const { hooks } = await place.json<typeof NOT_DEV>("explain", ...push);
    assert.deepEqual(
      hooks.map(({ matches, checks }) => [matches, checks.at(-1)?.reason]),
      [
        [false, "it came by `theirs`, not `ours`"],
        [true, "it came by `theirs`"],
      ],
    );
  });

  it("says what is missing, and how to give it", async (t) => {
    const place = workplace(t, { files: { ...FILES, "list.json": "[1]", "bad.json": "{" } });
    assert.match(await refused(place), /explain event\.json --event push.*--delivery/);
    assert.match(
      await refused(place, "dev.json"),
      /add --event, such as `longshore explain dev\.json --event push`/,
    );
    assert.match(
      await refused(place, "nothing.json"),
      /^There is no file nothing\.json, and no sample of that name\. .*send --list/,
    );
    assert.match(
      await refused(place, "list.json", "--event", "push"),
      /^list\.json is no payload: the JSON is no object/,
    );
    assert.match(
      await refused(place, "bad.json", "--event", "push"),
      /^bad\.json is no payload: the body is not JSON/,
    );
    assert.match(
      await refused(place, "push", "--source", "githup"),
      /There is no source "githup"\. Did you mean "github"/,
    );
  });

  it("says that there are no hooks, and shows what strangers write as symbols (story 42)", async (t) => {
    const evil = workplace(t, {
      files: { "evil.json": JSON.stringify(pushPayload({ ref: "refs/heads/\u001B[2J\u202Emain" })) },
    });
    const { stdout } = await evil.cli("explain", "evil.json", "--event", "push");
    assert.equal(
      stdout,
      "push, acme/site, refs/heads/␛[2J<U+202E>main\n\nThere are no hooks. `longshore init` writes a first one.\n",
    );
    evil.write("hooks/deploy.yml", FILES["hooks/deploy.yml"]);
    const { stdout: verdicts } = await evil.cli("explain", "evil.json", "--event", "push");
    assert.match(verdicts, /`␛\[2J<U\+202E>main` matches none of \[main\]/);
  });
});
