import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { judgeVersion } from "../../src/cli/doctor/node.ts";
import { practice } from "../support/doctor.ts";
import { SECRET } from "../support/github.ts";
import { workplace } from "../support/server.ts";

interface Answer {
  ok: boolean;
  checks: { check: string; status: string; message: string; remedy: string | null }[];
}

/** So that runs are not performed as root where the tests are. */
const OF_NOBODY = "runs: { user: nobody }\n";

describe("doctor", { concurrency: 2 }, () => {
  it("is content with a server as it ought to be, while it runs", async (t) => {
    const place = workplace(t, {
      files: { "longshore.yml": OF_NOBODY, "hooks/deploy.yml": "on: push\nrun: echo deployed" },
    });
    const server = await place.serve();
    await server.send();
    const { ok, checks } = await place.json<unknown>("doctor").then((answer) => answer as Answer);
    assert.equal(ok, true);
    const names = [...new Set(checks.map(({ check }) => check))];
    assert.deepEqual(names, [
      "node",
      "clock",
      "disk",
      "database",
      "nodes",
      "files",
      "writers",
      "accounts",
      "secrets",
      "addresses",
      "refusals",
      "hooks",
      "matches",
      "queue",
      "failures",
    ]);
    assert.deepEqual(
      checks.filter(({ status }) => status === "bad"),
      [],
    );
    for (const { status, remedy } of checks)
      assert.equal(remedy !== null, !["good", "unknown"].includes(status));
  });

  it("says of each thing how it is and what to do, and fails when one is wrong", async (t) => {
    const { place } = practice(t, { environment: { GITHUB_WEBHOOK_SECRET: "" } });
    const { code, stdout } = await place.cli("doctor");
    assert.equal(code, 1);
    assert.match(stdout, /^✔ node: Node \d+/);
    assert.match(stdout, /\n✘ secrets: GITHUB_WEBHOOK_SECRET: is set but empty: .+\n {4}→ .+\n/);
    assert.match(stdout, /\n\d to be repaired, \d to look at\.\n$/);
    const { ok } = JSON.parse((await place.cli("doctor", "--json")).stdout) as Answer;
    assert.equal(ok, false);
  });

  it("makes nothing, and says what it cannot know, where nothing has started yet", async (t) => {
    const { place, askOnce } = practice(t, { environment: { GITHUB_WEBHOOK_SECRET: undefined } });
    assert.equal(await askOnce("database"), "unknown: there is none at data/longshore.db yet");
    assert.equal(await askOnce("secrets"), "unknown: there is none yet");
    assert.equal(await askOnce("queue"), "unknown: could not be checked without a database");
    assert.deepEqual(readdirSync(place.folder), ["hooks"]);
  });

  it("never prints a secret", async (t) => {
    const { place } = practice(t, {
      files: { "longshore.yml": "sources: { github: , other: { secrets: '${{ secrets.B }}' } }" },
      environment: { B: SECRET },
    });
    await place.cli("secret", "rotate", "other");
    const kept = readFileSync(join(place.folder, "data/secrets/other"), "utf8").split("\t")[0] ?? "";
    assert.ok(kept.length > 16);
    for (const args of [["doctor"], ["doctor", "--json"]]) {
      const { stdout, stderr } = await place.cli(...args);
      assert.match(stdout, /same secret/);
      for (const secret of [SECRET, kept]) assert.ok(!(stdout + stderr).includes(secret));
    }
  });

  it("does not begin with settings that have mistakes", async (t) => {
    const { place } = practice(t, { files: { "longshore.yml": "workers: many" } });
    assert.equal((await place.cli("doctor")).code, 2);
  });
});

describe("the check of Node", () => {
  it("takes the oldest that is promised and later ones, and no older one", () => {
    const statuses = ["24.6.0", "24.10.1", "26.0.0", "24.5.9", "22.20.0"].map(
      (version) => judgeVersion(version, ">=24.6").status,
    );
    assert.deepEqual(statuses, ["good", "good", "good", "bad", "bad"]);
  });
});
