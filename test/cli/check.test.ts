import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { workplace } from "../support/server.ts";

const GOOD_HOOK = "on: push\nrun: make";

describe("check", { concurrency: 2 }, () => {
  it("finds nothing wrong with what is right, and makes nothing", async (t) => {
    const place = workplace(t, {
      files: { "longshore.yml": "workers: 2\n", "hooks/deploy.yml": GOOD_HOOK },
    });
    assert.deepEqual(await place.json("check"), { ok: true, problems: [] });
    const { code, stdout } = await place.cli("check");
    assert.deepEqual([code, stdout], [0, "longshore.yml, 1 hook in hooks: no errors.\n"]);
    assert.deepEqual(readdirSync(place.folder).sort(), ["hooks", "longshore.yml"]);
  });

  it("tells all mistakes of all hooks with their places, and fails", async (t) => {
    const files = {
      "hooks/one.yml": "on: push\nruns: make\ntimeout-minutes: soon",
      "hooks/two.yml": 'on: push\nrun: echo "${{ github.ref }}"',
      "hooks/good.yml": GOOD_HOOK,
    };
    const place = workplace(t, { files });
    const { code, stdout } = await place.cli("check", "--json");
    assert.equal(code, 2);
    const { ok, problems } = JSON.parse(stdout);
    assert.equal(ok, false);
    const [one, two] = [join(place.folder, "hooks/one.yml"), join(place.folder, "hooks/two.yml")];
    assert.deepEqual(
      problems.map(({ file, line, column, severity }: Record<string, unknown>) => [
        file,
        line,
        column,
        severity,
      ]),
      [
        [one, 1, 1, "error"],
        [one, 2, 1, "error"],
        [one, 3, 18, "error"],
        [two, 2, 12, "error"],
      ],
    );
    assert.deepEqual(
      new Set(problems.flatMap(Object.keys)),
      new Set(["file", "line", "column", "severity", "message"]),
    );

    const forPeople = await place.cli("check");
    assert.equal(forPeople.code, 2);
    assert.match(
      forPeople.stdout,
      /^hooks\/two\.yml:2:12: error: `run` does not read `\$\{\{ github\.ref \}\}`/m,
    );
    assert.match(forPeople.stdout, /there are errors\.\n$/);
  });

  it("tells all mistakes of the settings, also those in variables", async (t) => {
    const place = workplace(t, {
      files: { "longshore.yml": "workers: 0\ngithub: { token: x }\n" },
      environment: { LONGSHORE_STOP_GRACE: "soon" },
    });
    const { code, stdout } = await place.cli("check");
    assert.equal(code, 2);
    const lines = stdout.trim().split("\n");
    assert.match(lines[0] ?? "", /^longshore\.yml:1:10: error: /);
    assert.equal(lines[1], "longshore.yml:2:11: error: `token` is not in this version");
    assert.equal(
      lines[2],
      'LONGSHORE_STOP_GRACE: error: "soon" is no duration; write it like "30s" or "10m"',
    );
    assert.equal(lines[3], "settings: there are errors.");
  });

  it("only warns of an event that it does not know, says where, and loads the hook", async (t) => {
    const place = workplace(t, {
      files: { "hooks/deploy.yml": "on:\n  isues:\n    types: opened\nrun: make" },
    });
    const { code, stdout } = await place.cli("check");
    assert.equal(code, 0);
    assert.equal(
      stdout,
      'hooks/deploy.yml:2:3: warning: GitHub has no event `isues` that this version knows, so perhaps it never comes. Did you mean "issues"?\ndefault settings, 1 hook in hooks: no errors.\n',
    );
  });

  it("wants a source in each hook as soon as there are several", async (t) => {
    const sources = "sources:\n  github: { path: /github }\n  forge: { path: /forge }\n";
    const place = workplace(t, {
      files: {
        "longshore.yml": sources,
        "hooks/without.yml": GOOD_HOOK,
        "hooks/with.yml": `${GOOD_HOOK}\nsource: forge`,
      },
    });
    const { code, stdout } = await place.cli("check");
    assert.equal(code, 2);
    assert.match(
      stdout,
      /^hooks\/without\.yml:1:1: error: `source` is missing: it says for which of \[github, forge\] the hook is$/m,
    );
    assert.doesNotMatch(stdout, /with\.yml/m);
  });

  it("only warns of an account that there is none of: it may be meant for another machine", async (t) => {
    const place = workplace(t, {
      files: {
        "longshore.yml": "runs: { user: no-such-server }\n",
        "hooks/one.yml": `${GOOD_HOOK}\nuser: no-such-hook`,
        "hooks/two.ts": `import { defineHook } from "longshore";\nexport default defineHook({ on: "push", user: 123456789, run() {} });\n`,
        "hooks/good.yml": GOOD_HOOK,
      },
    });
    const { code, stdout } = await place.cli("check");
    assert.equal(code, 0);
    const [settings, one, two, last] = stdout.trim().split("\n");
    assert.equal(
      settings,
      "longshore.yml: warning: runs will fail: the setting `runs.user: no-such-server`: there is no account of this name on this machine",
    );
    assert.match(one ?? "", /^hooks\/one\.yml: warning: runs will fail: `user: no-such-hook` in /);
    assert.match(two ?? "", /^hooks\/two\.ts: warning: runs will fail: `user: 123456789` in /);
    assert.equal(last, "longshore.yml, 3 hooks in hooks: no errors.");
  });

  it("only warns of a secret that is not there yet, or too short", async (t) => {
    const without = workplace(t, { environment: { GITHUB_WEBHOOK_SECRET: undefined } });
    const short = workplace(t, { environment: { GITHUB_WEBHOOK_SECRET: "short" } });
    const empty = workplace(t, { environment: { GITHUB_WEBHOOK_SECRET: "" } });
    const named = workplace(t, {
      files: { "longshore.yml": 'sources: { app: { path: /app, secrets: "${{ secrets.NOPE }}" } }' },
    });
    for (const [place, said] of [
      [without, /has no secret.*; `serve` makes one when it first starts$/],
      [empty, /is set but empty.*; `serve` will not start without it here$/],
      [named, /^is not set, and source "app" names it.*; `serve` will not start without it here$/],
      [short, /shorter than 16 characters/],
    ] as const) {
      const { ok, problems } = await place.json<{ ok: boolean; problems: Record<string, string>[] }>("check");
      assert.equal(ok, true);
      assert.deepEqual(
        problems.map(({ severity }) => severity),
        ["warning"],
      );
      assert.match(problems[0]?.message ?? "", said);
    }
  });
});
