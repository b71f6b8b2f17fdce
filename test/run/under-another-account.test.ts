import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { findHighlights } from "../../src/store/highlights.ts";
import { assertRefused, canBecomeOthers, groupsOf, OTHER } from "../support/accounts.ts";
import { hooksFolder } from "../support/hooks.ts";
import { isRunning } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { type EndedRun, startWorker, type TestCommand, type TestWorker } from "../support/worker.ts";

const work = await startWorker({ after });

/** A hook that says `user`. */
function hookFor(user: string, command: TestCommand, worker: TestWorker = work): string {
  const name = worker.hook(command);
  Object.assign(worker.hooks.find((hook) => hook.name === name) ?? {}, { user });
  return name;
}

async function runAs(user: string, command: TestCommand): Promise<EndedRun> {
  return work.ended(await work.start(hookFor(user, command)));
}

/** A run under another account; nothing where that cannot be, and then it has to say so. */
async function runAsOther(command: TestCommand): Promise<EndedRun | undefined> {
  const run = await runAs(OTHER.name, command);
  if (canBecomeOthers) return run;
  assertRefused(run);
  return undefined;
}

const STATUS = "grep -E '^(Uid|Gid|Cap)' /proc/self/status";

describe("a run under another account", () => {
  it("has that account's numbers and groups, and no capability in any set", async () => {
    const run = await runAsOther(`${STATUS}; id -G`);
    if (!run) return;
    assert.equal(run.status, "succeeded", run.reason ?? run.stderr);
    const lines = run.stdout.trim().split("\n");
    const values = Object.fromEntries(lines.slice(0, -1).map((line) => line.split(/:\s*/)));
    const none = "0000000000000000";
    assert.deepEqual(values, {
      Uid: Array(4).fill(OTHER.uid).join("\t"),
      Gid: Array(4).fill(OTHER.gid).join("\t"),
      CapInh: none,
      CapPrm: none,
      CapEff: none,
      CapBnd: none,
      CapAmb: none,
    });
    assert.deepEqual(lines.at(-1)?.split(" ").sort(), groupsOf(OTHER.name));
  });

  it("may be named by its number", async () => {
    const run = await runAs(String(OTHER.uid), "id -u");
    if (!canBecomeOthers) return assertRefused(run);
    assert.equal(run.stdout, `${OTHER.uid}\n`);
  });

  it("has that account's HOME, USER and LOGNAME, and otherwise the same variables as any run", async () => {
    const names = "env -0 | tr '\\n' ' ' | tr '\\0' '\\n' | sed 's/=.*//' | sort";
    const run = await runAsOther({ shell: "sh", script: `${names}; echo "$HOME $USER $LOGNAME"` });
    if (!run) return;
    const lines = run.stdout.trim().split("\n");
    assert.equal(lines.pop(), `${OTHER.home} ${OTHER.name} ${OTHER.name}`);
    const usual = (await work.run({ shell: "sh", script: names })).stdout.trim().split("\n");
    assert.deepEqual(lines, usual);
  });

  it("is given the values of its variables byte for byte", async () => {
    const env = {
      QUOTES: `'"\`$(exit 3)\${HOME}\\`,
      LINES: "\n one\n\ntwo \n\n",
      BYTES: "é ✓ \u0081\u0088 🚢 \u0001\u007f",
      EMPTY: "",
      LONG: "x".repeat(10_000),
      CDPATH: "/etc",
    };
    const print = Object.keys(env).map((name) => `printenv -0 ${name}`);
    // Of these a shell makes something else, also without us.
    const odd = { IFS: "x", OPTIND: "x", PS4: "$(exit 3)", UID: "0" };
    const run = await runAsOther({ script: print.join("\n"), env: { ...env, ...odd } });
    if (!run) return;
    assert.deepEqual(run.stdout.split("\0"), [...Object.values(env), ""]);
  });

  it("has nothing on its standard input, and no descriptor more than any run", async () => {
    const script = 'cat | wc -c; readlink /proc/self/fd/0; exec sh -c "ls /proc/\\$\\$/fd"';
    const run = await runAsOther(script);
    if (!run) return;
    assert.match(run.stdout, /^0\n\/dev\/null\n0\n1\n2\n/);
    assert.equal(run.stdout, (await work.run(script)).stdout);
  });

  it("works in a folder that is its own, where nothing can be swapped for a link", async () => {
    const run = await runAsOther(`
      stat -c '%u %a' . "$TMPDIR" "$GITHUB_EVENT_PATH" "$GITHUB_STEP_SUMMARY" "$0"
      echo text > file; echo text > "$TMPDIR/file"; echo '# text' >> "$GITHUB_STEP_SUMMARY"
      cat "$GITHUB_EVENT_PATH" > /dev/null
      pwd; stat -c '%u %g %a' ..
      rm -f "$GITHUB_STEP_SUMMARY" || mv ../work ../other || ln -s /etc ../link || echo kept`);
    if (!run) return;
    const lines = run.stdout.trim().split("\n");
    assert.deepEqual(lines.slice(0, 5), [
      ...Array(2).fill(`${OTHER.uid} 700`),
      ...Array(3).fill(`${OTHER.uid} 600`),
    ]);
    const [folder = "", above, kept] = lines.slice(5);
    assert.deepEqual([above, kept], [`${process.geteuid?.()} ${OTHER.gid} 710`, "kept"]);
    assert.equal(existsSync(dirname(folder)), false);
  });

  it("has its summary kept, which is that account's file", async () => {
    const run = await runAsOther(`echo '# Done' >> "$GITHUB_STEP_SUMMARY"`);
    if (!run) return;
    assert.equal((await findHighlights(work.store.db, run.id, 1)).summary, "# Done\n");
  });

  it("leaves nothing behind, whatever it has put into its folder", async (t) => {
    const kept = temporaryFolder(t);
    writeFileSync(join(kept, "file"), "");
    const run = await runAsOther(`mkdir -p a/b; touch a/b/c; ln -s ${kept} link; chmod 000 a/b a; pwd`);
    if (!run) return;
    assert.equal(existsSync(dirname(run.stdout.trim())), false);
    assert.deepEqual(readdirSync(kept), ["file"]);
    assert.equal(await work.output(run.id, "longshore"), "");
  });

  it("cannot say by its variables what is done before it is that account", async (t) => {
    const folder = temporaryFolder(t);
    chmodSync(folder, 0o777);
    const marks = join(folder, "marks");
    writeFileSync(marks, "");
    chmodSync(marks, 0o666);
    for (const name of ["setpriv", "sh", "cat"])
      writeFileSync(join(folder, name), `#!/bin/bash\necho "${name} $UID" >> ${marks}\n`, { mode: 0o777 });
    const script = `/bin/cat ${marks}; sh; /bin/cat ${marks}`;
    const run = await runAsOther({ script, env: { PATH: `${folder}:${process.env.PATH}` } });
    if (!run) return;
    assert.equal(run.stdout, `sh ${OTHER.uid}\n`);
  });

  it("ends when its time is over, with all that it has started", async () => {
    const hook = hookFor(OTHER.name, {
      script: "sh -c 'sleep 300 & echo $PPID $!; wait' & wait",
      timeoutMs: 500,
    });
    const run = await work.ended(await work.start(hook));
    if (!canBecomeOthers) return assertRefused(run);
    assert.equal(run.reason, "timed out after 500 ms");
    const numbers = run.stdout.trim().split(" ").map(Number);
    assert.equal(numbers.length, 2);
    await until("all of it is gone", () => !numbers.some(isRunning));
  });

  it("ends with its spawner", async (t) => {
    const own = await startWorker(t);
    const hook = hookFor(OTHER.name, "echo $PPID $$; sleep 300", own);
    const id = await own.start(hook);
    if (!canBecomeOthers) return assertRefused(await own.ended(id));
    const [spawner = 0, script = 0] = await until("it has begun", async () =>
      /^(\d+) (\d+)\n/
        .exec(await own.output(id))
        ?.slice(1)
        .map(Number),
    );
    assert.equal(isRunning(script), true);
    process.kill(spawner, "SIGKILL");
    await until("the script is gone", () => !isRunning(script));
  });
});

describe("what a hook does on failure", () => {
  it("is done under the same account", async () => {
    const name = hookFor(OTHER.name, "exit 3");
    Object.assign(work.hooks.find((hook) => hook.name === name) ?? {}, { onFailure: "id -u; echo $HOME" });
    const run = await work.ended(await work.start(name));
    if (!canBecomeOthers) return assertRefused(run);
    assert.deepEqual([run.exitCode, run.stdout], [3, `${OTHER.uid}\n${OTHER.home}\n`]);
  });
});

describe("a run that its account cannot begin", () => {
  const mode = (path: string, bits: number) => {
    chmodSync(path, bits);
    return path;
  };

  it("says which folder may not be entered", async (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, "site"));
    mode(folder, 0o700);
    const run = await runAsOther({ script: "pwd", workingDirectory: join(folder, "site") });
    if (!run) return;
    assert.deepEqual([run.status, run.stdout], ["failed", ""]);
    assert.equal(
      run.reason,
      `it could not be started under the account ${OTHER.name}: it may not enter ${join(folder, "site")}`,
    );
  });

  it("says that an executable is not for it", async (t) => {
    const files = hooksFolder(t);
    const path = join(files.path, "push");
    files.write("push", "#!/bin/sh\nid -u\n", 0o700);
    for (const folder of [files.path, dirname(files.path)]) mode(folder, 0o755);
    const hook = { name: "push", file: path, on: [{ event: "push" }], user: OTHER.name };
    work.hooks.push({
      ...hook,
      work: { kind: "executable", path, folder: files.path, timeoutMs: 60_000 },
    });
    const perform = async () => work.ended(await work.start("push"));
    const refused = await perform();
    if (!canBecomeOthers) return assertRefused(refused);
    assert.equal(refused.status, "failed");
    const start = `it could not be started under the account ${OTHER.name}: ${path}: `;
    assert.ok(
      refused.reason?.startsWith(start) && /permission denied/i.test(refused.reason),
      `${refused.reason}`,
    );
    mode(path, 0o755);
    assert.equal((await perform()).stdout, `${OTHER.uid}\n`);
  });

  it("says which program is not there", async () => {
    const run = await runAsOther({ script: "", shell: "no-such-shell {0}" });
    if (!run) return;
    assert.match(
      run.reason ?? "",
      /^it could not be started under the account \S+: no-such-shell: (not found|Permission denied)$/,
    );
  });

  it("leaves it to a script to end with the same codes", async () => {
    for (const script of ["exit 126", "echo 'longshore: no'; exit 1", "no-such-command"]) {
      const run = await runAsOther(`echo begun; ${script}`);
      if (run) assert.deepEqual([run.status, run.reason], ["failed", null], script);
    }
  });
});

describe("an account that there is none of", () => {
  it("fails the run, which names it and where it stands", async () => {
    const byName = await runAs("no-such-account", "true");
    assert.deepEqual(
      [byName.status, byName.reason],
      [
        "failed",
        `\`user: no-such-account\` in ${byName.hook}.yml: there is no account of this name on this machine`,
      ],
    );
    const byNumber = await runAs("123456789", "true");
    assert.match(byNumber.reason ?? "", /there is no account with this number on this machine$/);
  });
});

describe("the server's own account", () => {
  it("may be named: its runs are as they are without", async () => {
    const named = await runAs(userInfo().username, `${STATUS}; id -G; echo "$HOME $USER"`);
    const usual = await work.run(`${STATUS}; id -G; echo "$HOME $USER"`);
    assert.deepEqual([named.status, named.stdout], ["succeeded", usual.stdout]);
  });
});

describe("`runs.user`", () => {
  it("is the account of every run whose hook names none, executables included", async (t) => {
    const all = await startWorker(t, { runsUser: OTHER.name });
    const run = await all.run("id -u");
    const own = await all.ended(await all.start(hookFor(userInfo().username, "id -u", all)));
    assert.equal(own.stdout, `${process.geteuid?.()}\n`);
    if (!canBecomeOthers) return assertRefused(run);
    assert.equal(run.stdout, `${OTHER.uid}\n`);
  });

  it("is named as such where there is none of it", async (t) => {
    const all = await startWorker(t, { runsUser: "no-such-account" });
    const { reason } = await all.run("true");
    assert.match(reason ?? "", /^the setting `runs\.user: no-such-account`: there is no account/);
  });
});
