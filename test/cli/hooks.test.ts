import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

describe("hooks list", { concurrency: 2 }, () => {
  it("prints what is loaded, and what is wrong with the rest", async (t) => {
    const files = {
      "hooks/site/deploy.yml": "on:\n  push:\n    branches: [main, 'release/**']\nrun: make",
      "hooks/triage.yaml": "on:\n  issues:\n    types: opened\nrun: make",
      "hooks/all.yml": `
on:
  push: { branches: main, tags-ignore: "*-rc", paths: [src/**, "!src/old/**"], deleted: true }
  workflow_run: { workflows: [CI, Lint], types: completed }
  fork:
source: github
repositories: [acme/*, "!acme/old"]
forks: run
run: make
`,
      "hooks/broken.yml": "on: push\nrun: make\nshel: bash",
    };
    const place = workplace(t, { files });
    const { items, next, problems } = await place.json<Record<string, unknown[]>>("hooks", "list");
    const file = (name: string) => join(place.folder, "hooks", name);
    assert.deepEqual(items, [
      {
        name: "all",
        kind: "script",
        file: file("all.yml"),
        on: [
          {
            event: "push",
            branches: ["main"],
            "tags-ignore": ["*-rc"],
            paths: ["src/**", "!src/old/**"],
            deleted: true,
          },
          { event: "workflow_run", types: ["completed"], workflows: ["CI", "Lint"] },
          { event: "fork" },
        ],
        source: "github",
        repositories: ["acme/*", "!acme/old"],
        forks: "run",
        disabled: false,
      },
      {
        name: "site/deploy",
        kind: "script",
        file: file("site/deploy.yml"),
        on: [{ event: "push", branches: ["main", "release/**"] }],
        disabled: false,
      },
      {
        name: "triage",
        kind: "script",
        file: file("triage.yaml"),
        on: [{ event: "issues", types: ["opened"] }],
        disabled: false,
      },
    ]);
    assert.equal(next, null);
    assert.deepEqual(problems, [
      {
        file: file("broken.yml"),
        line: 3,
        column: 1,
        severity: "error",
        message: 'unknown key `shel`. Did you mean "shell"?',
      },
    ]);

    const { code, stdout } = await place.cli("hooks", "list");
    assert.equal(code, 0);
    assert.deepEqual(
      stdout.split("\n").map((line) => line.split(/ {2,}/)),
      [
        ["HOOK", "ON", "FILE"],
        [
          "all",
          "push (branches: main; tags-ignore: *-rc; paths: src/** !src/old/**; deleted: true), workflow_run (types: completed; workflows: CI Lint), fork; source: github; repositories: acme/* !acme/old; forks: run",
          "hooks/all.yml",
        ],
        ["site/deploy", "push (branches: main release/**)", "hooks/site/deploy.yml"],
        ["triage", "issues (types: opened)", "hooks/triage.yaml"],
        [""],
        ['hooks/broken.yml:3:1: error: unknown key `shel`. Did you mean "shell"?'],
        [""],
      ],
    );
  });

  it("says what executables are for", async (t) => {
    const place = workplace(t);
    for (const name of ["all", "push", "push-my-repo-main", "push-site-feature/x"])
      place.write(`hooks/${name}`, "#!/bin/sh\n", 0o755);
    place.write("hooks/issues", "#!/bin/sh\n", 0o644);
    const { stdout } = await place.cli("hooks", "list");
    assert.deepEqual(
      stdout.split("\n").map((line) => line.split(/ {2,}/)),
      [
        ["HOOK", "ON", "FILE"],
        ["all", "every event", "hooks/all"],
        ["push", "push", "hooks/push"],
        [
          "push-my-repo-main",
          "push (repository, or repository-branch: my-repo-main)",
          "hooks/push-my-repo-main",
        ],
        [
          "push-site-feature/x",
          "push (repository, or repository-branch: site-feature/x)",
          "hooks/push-site-feature/x",
        ],
        [""],
        [
          "hooks/issues: warning: looks like a script and has no execute permission, so it is no hook: `chmod +x` makes it one; a name that begins with `_` says that it is none",
        ],
        [""],
      ],
    );
    const { items } = await place.json<Record<string, unknown[]>>("hooks", "list");
    assert.deepEqual(items?.slice(0, 2), [
      {
        name: "all",
        kind: "executable",
        file: join(place.folder, "hooks/all"),
        on: [{ event: "*" }],
        disabled: false,
      },
      {
        name: "push",
        kind: "executable",
        file: join(place.folder, "hooks/push"),
        on: [{ event: "push" }],
        disabled: false,
      },
    ]);
  });

  it("says how to get a first one", async (t) => {
    const { code, stdout } = await workplace(t).cli("hooks", "list");
    assert.deepEqual([code, stdout], [0, "No hooks in hooks. `longshore init` writes a first one.\n"]);
  });
});

describe("hooks disable and enable", { concurrency: 2 }, () => {
  const FILES = { "hooks/deploy.yml": "on: push\nrun: make", "hooks/ci.yml": "on: push\nrun: make" };

  it("switch one hook off and on again, and say how many runs wait for it", async (t) => {
    const place = workplace(t, { files: FILES });
    const { store } = await lookInto(t, place);
    await storeDelivery(store, { hooks: ["deploy", "ci"] });
    const disabled = async () => {
      const { items } = await place.json<{ items: { name: string; disabled: boolean }[] }>("hooks", "list");
      return items.flatMap((item) => (item.disabled ? item.name : []));
    };
    assert.deepEqual(await place.json("hooks", "disable", "deploy"), {
      hook: "deploy",
      disabled: true,
      changed: true,
      queuedRuns: 1,
    });
    assert.deepEqual(await disabled(), ["deploy"]);
    const { stdout } = await place.cli("hooks", "list");
    assert.match(stdout, /^deploy \(disabled\) {2,}push/m);
    assert.match(stdout, /^ci {2,}push/m);
    assert.equal(
      (await place.cli("hooks", "disable", "deploy")).stdout,
      "deploy was disabled already.\nQueued runs that wait until it is enabled again: 1.\nThe way back: npx longshore hooks enable deploy\n",
    );

    assert.equal(
      (await place.cli("hooks", "enable", "deploy")).stdout,
      "deploy is enabled. A running server knows it within a second.\nQueued runs that start now: 1.\n",
    );
    assert.deepEqual(await disabled(), []);
    assert.equal((await place.cli("hooks", "enable", "deploy")).stdout, "deploy was not disabled.\n");
  });

  it("know no hook that there is not, save one that was disabled before its file went", async (t) => {
    const place = workplace(t, { files: FILES });
    await lookInto(t, place);
    for (const command of ["disable", "enable"]) {
      const { code, stderr } = await place.cli("hooks", command, "deplot");
      assert.equal(code, 2);
      assert.match(stderr, /^There is no hook "deplot" in hooks\. Did you mean "deploy"\?/);
    }
    await place.cli("hooks", "disable", "deploy");
    rmSync(join(place.folder, "hooks/deploy.yml"));
    assert.match((await place.cli("hooks", "enable", "deploy")).stdout, /^deploy is enabled\./);
  });

  it("are seen by `explain`, with and without a file's delivery", async (t) => {
    const place = workplace(t, { files: FILES });
    const { store } = await lookInto(t, place);
    await storeDelivery(store);
    await place.cli("hooks", "disable", "ci");
    for (const what of [["push"], ["--delivery", "1"]]) {
      const { hooks } = await place.json<{ hooks: object[] }>("explain", ...what);
      assert.deepEqual(hooks, [
        {
          hook: "ci",
          matches: false,
          checks: [
            {
              filter: "disabled",
              passed: false,
              reason: "the hook is disabled; `longshore hooks enable ci` ends that",
            },
            { filter: "on", passed: true, reason: "the event is `push`" },
          ],
        },
        {
          hook: "deploy",
          matches: true,
          checks: [{ filter: "on", passed: true, reason: "the event is `push`" }],
        },
      ]);
    }
  });
});
