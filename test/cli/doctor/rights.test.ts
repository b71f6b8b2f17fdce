import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { practice, practiceWithStore } from "../../support/doctor.ts";

const isRoot = process.getuid?.() === 0;
/** Of an account that is not the tests' own. */
const SOMEBODY = 12_345;

describe("the doctor on private files", { concurrency: 2 }, () => {
  it("is content with what Longshore has made itself", async (t) => {
    const { askOnce, place } = await practiceWithStore(t);
    await place.cli("secret", "rotate");
    chmodSync(join(place.folder, "data"), 0o700);
    assert.equal(await askOnce("files"), "good: what is private is the server's own");
  });

  for (const [path, mode, others] of [
    ["data", 0o755, "every account of this machine"],
    ["data/longshore.db", 0o644, "every account of this machine"],
    ["data/secrets/github", 0o640, "its group"],
  ] as const)
    it(`finds ${path} with the mode ${mode.toString(8)}, and says how to repair it`, async (t) => {
      const { ask, place } = await practiceWithStore(t);
      await place.cli("secret", "rotate");
      const whole = join(place.folder, path);
      chmodSync(whole, mode);
      const finding = (await ask("files")).find(({ message }) => message.startsWith(`${path} `));
      assert.equal(finding?.status, "bad");
      assert.match(
        finding?.message ?? "",
        new RegExp(`can be opened by ${others} \\(mode ${mode.toString(8)}\\)`),
      );
      assert.equal(finding?.remedy, `chmod ${(mode & 0o700).toString(8)} ${whole}`);
    });

  it("only warns of a `.env` that others can read", async (t) => {
    const { askOnce, place } = practice(t);
    place.write(".env", "A=b", 0o644);
    assert.match(await askOnce("files"), /^warning: \.env can be opened by every account/);
  });
});

describe("the doctor on who can write what is run", { concurrency: 2 }, () => {
  it("finds a hook, a folder and settings that everybody can write", async (t) => {
    for (const path of ["hooks/deploy.yml", "hooks/team", "longshore.yml"]) {
      const { ask, place } = practice(t, { files: { "longshore.yml": "workers: 1" } });
      mkdirSync(join(place.folder, "hooks/team"));
      chmodSync(join(place.folder, path), 0o777);
      const [finding, ...others] = await ask("writers");
      assert.deepEqual(others, []);
      assert.equal(finding?.status, "bad");
      assert.match(finding?.message ?? "", new RegExp(`can write ${path}, and so run code here`));
    }
  });

  it("warns of a group that can, unless it is an account's own", async (t) => {
    const { askOnce, place } = practice(t);
    const path = join(place.folder, "hooks/deploy.yml");
    chmodSync(path, 0o664);
    assert.match(await askOnce("writers"), /^good/);
    if (!isRoot) return t.diagnostic("only root can give a file to another group");
    chownSync(path, 0, SOMEBODY);
    assert.match(await askOnce("writers"), /^warning: the group of hooks\/deploy\.yml can write it/);
  });

  it("warns of what belongs to somebody else", async (t) => {
    if (!isRoot) return t.diagnostic("only root can give a file away");
    const { askOnce, place } = practice(t);
    chownSync(join(place.folder, "hooks"), SOMEBODY, SOMEBODY);
    assert.match(await askOnce("writers"), /^warning: hooks belongs to the account with the number 12345/);
  });
});

describe("the doctor on the accounts of runs", { concurrency: 2 }, () => {
  it("complains when they have the server's, most of all when that is root", async (t) => {
    const expected = isRoot
      ? "bad: the server is root, and so are the runs of deploy"
      : "warning: the runs of deploy share the server's account: they can read its secrets and its database";
    assert.equal(await practice(t).askOnce("accounts"), expected);
  });

  it("only warns where the server, whose data folder it is, is not root", async (t) => {
    if (!isRoot) return t.diagnostic("only root can give a folder away");
    const { askOnce, place } = await practiceWithStore(t);
    chownSync(join(place.folder, "data"), SOMEBODY, SOMEBODY);
    assert.match(await askOnce("accounts"), /^warning: the runs of deploy share the server's account/);
  });

  it("is content when each hook or the settings name one", async (t) => {
    const named = { "hooks/deploy.yml": "on: push\nuser: nobody\nrun: make" };
    assert.match(await practice(t, { files: named }).askOnce("accounts"), /^good: runs have an account/);
    const settings = { "longshore.yml": "runs: { user: nobody }" };
    assert.match(await practice(t, { files: settings }).askOnce("accounts"), /^good: runs have an account/);
  });

  it("finds an account that owns what the server goes by", async (t) => {
    if (!isRoot) return t.diagnostic("only root can give a folder away");
    const { ask, place } = practice(t, { files: { "longshore.yml": "runs: { user: daemon }" } });
    chownSync(join(place.folder, "hooks"), 1, 1);
    const [finding] = await ask("accounts");
    assert.equal(finding?.status, "bad");
    assert.match(finding?.message ?? "", /^runs are performed as daemon, who owns .+hooks and can change/);
  });
});
