import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { HookFolder } from "../../src/config/hook-folder.ts";
import { digestOfVersions, hookVersions } from "../../src/config/hook-versions.ts";
import { CONTEXT } from "../support/hooks.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** A folder with a script and an executable, read. */
function folderWith(t: TestContext) {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "deploy.yml"), "on: push\nrun: make\nenv: { A: one, B: two }");
  writeFileSync(join(folder, "push"), "#!/bin/sh\necho pushed", { mode: 0o755 });
  return folder;
}

async function versionsIn(folder: string, disabled: string[] = []) {
  const hooks = new HookFolder(folder, CONTEXT);
  await hooks.load();
  hooks.disable(disabled);
  return hookVersions(hooks.hooks, hooks.names ?? []);
}

describe("the version of a hook", () => {
  it("is the same for the same file, in whatever folder it lies and whether or not it is disabled", async (t) => {
    const folder = folderWith(t);
    const versions = await versionsIn(folder);
    assert.deepEqual(
      versions.map(({ name, inOrder }) => [name, inOrder]),
      [
        ["deploy", undefined],
        ["push", true],
      ],
    );
    for (const { version } of versions) assert.match(version ?? "", /^[0-9a-f]{12}$/);
    const other = join(temporaryFolder(t), "hooks");
    cpSync(folder, other, { recursive: true });
    assert.deepEqual(await versionsIn(other, ["push"]), versions);
    writeFileSync(
      join(other, "deploy.yml"),
      "env: { B: two, A: one }\nrun: make\non: [push] # in other words",
    );
    assert.deepEqual(await versionsIn(other), versions);
  });

  it("is another one when what it does has changed, also inside an executable", async (t) => {
    const folder = folderWith(t);
    const [script, executable] = await versionsIn(folder);
    writeFileSync(join(folder, "deploy.yml"), "on: push\nrun: make all\nenv: { A: one, B: two }");
    const [changed, same] = await versionsIn(folder);
    assert.notEqual(changed?.version, script?.version);
    assert.equal(same?.version, executable?.version);
    writeFileSync(join(folder, "push"), "#!/bin/sh\necho something else");
    const [, rewritten] = await versionsIn(folder);
    assert.notEqual(rewritten?.version, executable?.version);
  });

  it("is none for a file that is not loaded", async (t) => {
    const folder = folderWith(t);
    writeFileSync(join(folder, "broken.yml"), "on: push");
    const [broken] = await versionsIn(folder);
    assert.deepEqual(broken, { name: "broken", version: null });
  });
});

describe("the digest of all of them", () => {
  it("changes with each", async (t) => {
    const folder = folderWith(t);
    const all = await versionsIn(folder);
    assert.equal(digestOfVersions(all), digestOfVersions(await versionsIn(folder)));
    assert.notEqual(digestOfVersions(all), digestOfVersions(all.slice(1)));
    const changed = all.map((one) => ({ ...one, version: "other" }));
    assert.notEqual(digestOfVersions(all), digestOfVersions(changed));
  });
});
