import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { hookContext } from "../../src/config/hook-context.ts";
import { checkHookFile } from "../../src/config/hook-file.ts";
import { HookFolder } from "../../src/config/hook-folder.ts";
import { checkSettings } from "../../src/config/settings.ts";
import { CONTEXT, hooksFolder } from "../support/hooks.ts";
import { temporaryFolder } from "../support/temporary.ts";

const SOURCES = `
sources:
  github:
  partner: { secrets: "\${{ secrets.PARTNER_SECRET }}" }
`;

function check(t: TestContext, text: string) {
  const file = join(temporaryFolder(t), "longshore.yml");
  writeFileSync(file, text);
  return checkSettings({}, file);
}

const mistakesIn = (list: string, secrets: readonly string[] = []) =>
  checkHookFile("x", "x.yml", `on: push\nrun: x\ninherit-env: ${list}`, {
    ...CONTEXT,
    secretVariables: secrets,
  }).problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);

describe("`inherit-env`", () => {
  it("never hands on what Longshore's settings and database are opened with", () => {
    assert.deepEqual(mistakesIn("[HTTPS_PROXY, LONGSHORE_DATA, PGPASSWORD, pguser, A-B]"), [
      "3:28: LONGSHORE_DATA is not handed on: what begins with LONGSHORE_ is Longshore's own",
      "3:44: PGPASSWORD is not handed on: what begins with PG opens Longshore's database",
      "3:56: pguser is not handed on: what begins with PG opens Longshore's database",
      '3:64: "A-B" is no name for an environment variable',
    ]);
  });

  it("never hands on the secret of a source, nor the name of its file", () => {
    const secrets = ["PARTNER_SECRET", "TEAM_FILE"];
    const reason =
      "is not handed on: it holds the secret of a source, and a script that knows it could sign deliveries";
    assert.deepEqual(mistakesIn("[HOME, PARTNER_SECRET, PARTNER_SECRET_FILE, TEAM_FILE]", secrets), [
      `3:21: PARTNER_SECRET ${reason}`,
      `3:37: PARTNER_SECRET_FILE ${reason}`,
      `3:58: TEAM_FILE ${reason}`,
    ]);
    assert.deepEqual(mistakesIn("PARTNER_SECRET", secrets), [`3:14: PARTNER_SECRET ${reason}`]);
    assert.deepEqual(mistakesIn("partner_secret", secrets), [`3:14: partner_secret ${reason}`]);
    assert.deepEqual(mistakesIn("PARTNER_SECRET", []), []);
  });

  it("is refused in the settings for the same names, those of all sources", (t) => {
    for (const name of ["PARTNER_SECRET", "GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_FILE"]) {
      const { value, problems } = check(t, `runs: { inherit-env: [HOME, ${name}] }${SOURCES}`);
      assert.equal(value, undefined);
      assert.match(problems[0]?.message ?? "", new RegExp(`^\`runs.inherit-env\`: ${name} is not handed on`));
    }
    assert.deepEqual(check(t, `runs: { inherit-env: [HOME, OTHER] }${SOURCES}`).problems, []);
  });

  it("of a hook file is checked against the secrets that the settings name", async (t) => {
    const { value } = check(t, SOURCES);
    const { path } = hooksFolder(t, {
      "x.yml": "on: push\nsource: github\nrun: x\ninherit-env: PARTNER_SECRET",
    });
    const folder = new HookFolder(path, hookContext(value?.settings ?? assert.fail()));
    await folder.load();
    assert.match(folder.problems[0]?.message ?? "", /PARTNER_SECRET is not handed on/);
  });
});
