import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { becomeAccount, findAccount, ofSettings, ownAccount } from "../../src/run/account.ts";
import { accountProblems } from "../../src/run/account-problems.ts";
import { Spawner } from "../../src/run/spawner.ts";
import { canBecomeOthers, OTHER } from "../support/accounts.ts";
import { temporaryFolder } from "../support/temporary.ts";

const spawner = new Spawner();
after(() => spawner.close());

/** Makes `getent` this script, as a machine has it whose accounts stand elsewhere. */
function getent(t: TestContext, script: string): void {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "getent"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const before = process.env.PATH;
  t.after(() => {
    process.env.PATH = before;
  });
  process.env.PATH = `${folder}:${before}`;
}

describe("finding an account", () => {
  it("takes a name and a number", async () => {
    for (const user of [OTHER.name, String(OTHER.uid), `000${OTHER.uid}`]) {
      const found = await findAccount(ofSettings(user), spawner);
      assert.ok("uid" in found, user);
      assert.deepEqual([found.uid, found.gid], [OTHER.uid, OTHER.gid]);
    }
  });

  it("asks the system for those that are not in its own file", async (t) => {
    getent(t, `[ "$1 $2" = "passwd ada@example.com" ] && echo "ada@example.com:x:70001:70002:A, B::/bin/sh"`);
    const found = await findAccount(ofSettings("ada@example.com"), spawner);
    assert.deepEqual(found, { name: "ada@example.com", uid: 70_001, gid: 70_002, home: "/" });
  });

  it("says when there is none, or the answer is no account", async (t) => {
    const missing = "the setting `runs.user: ada`: there is no account of this name on this machine";
    assert.deepEqual(await findAccount(ofSettings("ada"), spawner), { problem: missing });
    getent(t, "echo ada:x:zero:0::/:");
    assert.deepEqual(await findAccount(ofSettings("ada"), spawner), { problem: missing });
  });

  it("does without the system's program where there is none", async (t) => {
    const before = process.env.PATH;
    t.after(() => {
      process.env.PATH = before;
    });
    process.env.PATH = temporaryFolder(t);
    const found = await findAccount(ofSettings("ada"), spawner);
    assert.ok("problem" in found);
  });
});

describe("the account of a run", () => {
  it("is the server's own unless one is named", async () => {
    const { username, uid, homedir } = userInfo();
    const account = await becomeAccount(undefined, spawner);
    assert.deepEqual(account, ownAccount());
    assert.ok("uid" in account);
    assert.deepEqual([account.name, account.uid, account.home], [username, uid, homedir]);
  });
});

describe("the problems of accounts", () => {
  const hooks = [
    { file: "hooks/a.yml", user: "no-such-account" },
    { file: "hooks/b.yml" },
    { file: "hooks/c.yml", user: userInfo().username },
  ];

  it("are warnings in the files that name them", async () => {
    const named = { hooks, runsUser: "123456789", settingsFile: "longshore.yml" };
    const problems = await accountProblems(named, false);
    assert.deepEqual(
      problems.map(({ file, severity }) => [file, severity]),
      [
        ["longshore.yml", "warning"],
        ["hooks/a.yml", "warning"],
      ],
    );
    assert.equal(
      problems[1]?.message,
      "runs will fail: `user: no-such-account` in hooks/a.yml: there is no account of this name on this machine",
    );
  });

  it("are none where no account is named", async () => {
    assert.deepEqual(
      await accountProblems({ hooks: [], runsUser: undefined, settingsFile: undefined }, true),
      [],
    );
  });

  it("are for a server also whether it may become them", async () => {
    const named = { hooks: [], runsUser: OTHER.name, settingsFile: undefined };
    const problems = await accountProblems(named, true);
    assert.equal(problems.length, canBecomeOthers ? 0 : 1);
  });
});
