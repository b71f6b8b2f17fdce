import assert from "node:assert/strict";
import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { wayInto, whyNoOtherAccounts } from "../../src/run/privileges.ts";
import { asOther, canBecomeOthers, everybodyReads, OTHER } from "../support/accounts.ts";
import { temporaryFolder } from "../support/temporary.ts";

const PRIVILEGES = new URL("../../src/run/privileges.ts", import.meta.url).href;
const THIRD = { name: "third", uid: OTHER.uid + 1, gid: OTHER.gid };
const canAskOthers = canBecomeOthers && everybodyReads(PRIVILEGES);

/** What a server of another account, with these ambient capabilities, says of an account. */
function wayOfOther(account: { name: string; uid: number; gid: number }, capabilities: readonly string[]) {
  const script = `import { wayInto } from ${JSON.stringify(PRIVILEGES)};
    console.log(JSON.stringify(wayInto(${JSON.stringify(account)})));`;
  return JSON.parse(asOther(script, capabilities));
}

function onlyPath(t: TestContext, path: string): void {
  const before = process.env.PATH;
  t.after(() => {
    process.env.PATH = before;
  });
  process.env.PATH = path;
}

const ALL = ["chown", "dac_override", "fowner", "kill", "setgid", "setuid", "setpcap"];

describe("the way into another account", () => {
  it("sets its numbers and groups and empties every set of capabilities", () => {
    const way = wayInto(THIRD);
    if (!canBecomeOthers) return assert.ok("problem" in way);
    assert.ok("through" in way);
    const [program, ...options] = way.through ?? [];
    assert.match(program ?? "", /^\/.*\/setpriv$/);
    assert.deepEqual(options, [
      `--reuid=${THIRD.uid}`,
      `--regid=${THIRD.gid}`,
      "--init-groups",
      "--inh-caps=-all",
      "--ambient-caps=-all",
      "--bounding-set=-all",
      "--",
    ]);
    assert.equal(way.isOther, true);
  });

  it("is closed to a server without the right, which is told what it lacks", () => {
    if (!canAskOthers) return assert.equal("problem" in wayInto(THIRD), !canBecomeOthers);
    assert.match(
      wayOfOther(THIRD, []).problem,
      /may not become the account third: it runs as account \d+, without CAP_CHOWN, |setpriv/,
    );
  });

  it("is open to one that has all capabilities that it takes, and closed when one of them is missing", () => {
    if (!canAskOthers) return assert.equal("problem" in wayInto(THIRD), !canBecomeOthers);
    assert.equal(wayOfOther(THIRD, ALL).isOther, true);
    for (const missing of ALL) {
      const rest = ALL.filter((name) => name !== missing);
      const { problem } = wayOfOther(THIRD, rest);
      assert.match(problem, new RegExp(`without CAP_${missing.toUpperCase()}\\. Start it as root or with`));
    }
  });
});

describe("the server's own account", () => {
  const own = { name: "own", uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };

  it("needs no way", () => {
    assert.deepEqual(wayInto(own), { isOther: false });
  });

  it("does not lend its runs the capabilities that a server was given", () => {
    if (!canAskOthers) return assert.equal("problem" in wayInto(THIRD), !canBecomeOthers);
    const way = wayOfOther(OTHER, ["setuid", "setgid"]);
    assert.equal(way.isOther, false);
    assert.deepEqual(way.through.slice(1), ["--inh-caps=-all", "--ambient-caps=-all", "--"]);
  });
});

describe("a machine without util-linux' setpriv", () => {
  it("says that it is missing, also where BusyBox has one", (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "busybox"), "#!/bin/sh\n");
    chmodSync(join(folder, "busybox"), 0o755);
    symlinkSync(join(folder, "busybox"), join(folder, "setpriv"));
    onlyPath(t, `${folder}:.:relative`);
    assert.match(whyNoOtherAccounts() ?? "", /^`setpriv` of util-linux is not installed/);
    const way = wayInto(THIRD);
    assert.ok("problem" in way && way.problem === whyNoOtherAccounts());
  });
});
