import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { workplace } from "../support/server.ts";

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
      },
      {
        name: "site/deploy",
        kind: "script",
        file: file("site/deploy.yml"),
        on: [{ event: "push", branches: ["main", "release/**"] }],
      },
      {
        name: "triage",
        kind: "script",
        file: file("triage.yaml"),
        on: [{ event: "issues", types: ["opened"] }],
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
      { name: "all", kind: "executable", file: join(place.folder, "hooks/all"), on: [{ event: "*" }] },
      { name: "push", kind: "executable", file: join(place.folder, "hooks/push"), on: [{ event: "push" }] },
    ]);
  });

  it("says how to get a first one", async (t) => {
    const { code, stdout } = await workplace(t).cli("hooks", "list");
    assert.deepEqual([code, stdout], [0, "No hooks in hooks. `longshore init` writes a first one.\n"]);
  });
});
