import assert from "node:assert/strict";
import { execSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { isRunning } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { startWorker } from "../support/worker.ts";

const work = await startWorker({ after });

describe("a script", () => {
  it("succeeds with 0 and fails with any other exit code, which is kept", async () => {
    const good = await work.run("exit 0");
    assert.deepEqual([good.status, good.exitCode, good.signal, good.reason], ["succeeded", 0, null, null]);
    const bad = await work.run("exit 3");
    assert.deepEqual([bad.status, bad.exitCode, bad.signal, bad.reason], ["failed", 3, null, null]);
  });

  it("fails with the signal that ended it", async () => {
    const { status, exitCode, signal, reason } = await work.run("kill -KILL $$");
    assert.deepEqual([status, exitCode, signal, reason], ["failed", null, "SIGKILL", "ended by SIGKILL"]);
  });

  it("stops at the first command that fails", async () => {
    const { status, stdout } = await work.run("echo one; false; echo two");
    assert.deepEqual([status, stdout], ["failed", "one\n"]);
  });

  it("stops at a pipe that fails only under `shell: bash`, as in Actions", async () => {
    const script = "false | cat; echo reached";
    assert.equal((await work.run(script)).status, "succeeded");
    assert.equal((await work.run({ script, shell: "bash" })).status, "failed");
  });

  it("needs no shebang, and one that it has names no program (story 38)", async () => {
    assert.equal((await work.run("echo plain")).stdout, "plain\n");
    assert.equal((await work.run("#!/no/such/program\necho still bash")).stdout, "still bash\n");
  });

  it("is read by the program that its hook names", async () => {
    assert.equal((await work.run({ script: "print(6 * 7)", shell: "python" })).stdout, "42\n");
    assert.equal((await work.run({ script: "BEGIN { print 42 }", shell: "awk -f" })).stdout, "42\n");
  });

  it("fails with the reason when its program is not there", async () => {
    const { status, exitCode, reason } = await work.run({ script: "x", shell: "no-such-program {0}" });
    assert.deepEqual([status, exitCode], ["failed", null]);
    // EACCES where a folder in PATH cannot be read.
    assert.match(
      String(reason),
      /^no-such-program could not be started: spawn no-such-program E(NOENT|ACCES)$/,
    );
  });

  it("has nothing on its standard input", async () => {
    const { status, stdout } = await work.run("cat; echo ended");
    assert.deepEqual([status, stdout], ["succeeded", "ended\n"]);
  });

  if (process.platform === "linux")
    it("inherits no open files of ours", async () => {
      const list = "ls -l /proc/self/fd";
      const open = (text: string) => [...text.matchAll(/ (\d+) -> /g)].map(([, number]) => Number(number));
      // What whoever started these tests has left open reaches every process.
      const everywhere = open(execSync(list, { encoding: "utf8", stdio: "pipe" }));
      const { stdout } = await work.run({ script: "x", shell: `${list} {0}` });
      assert.deepEqual(open(stdout), everywhere);
      assert.match(stdout, / 0 -> \/dev\/null$/m);
    });

  it("is not started when its delivery cannot be read any more, and the run says so (story 38)", async (t) => {
    const other = await startWorker(t, { isIdle: true });
    const run = await other.start(other.hook("echo never"));
    await other.store.db
      .updateTable("packs")
      .set({ bytes: Buffer.from("damaged") })
      .execute();
    await other.worker.start();
    const { status, reason, stdout } = await other.ended(run);
    assert.deepEqual([status, stdout], ["failed", ""]);
    assert.match(String(reason), /^Longshore could not perform it: /);
  });
});

describe("the folder of a run", () => {
  it("is where the script starts, empty, its own, and gone afterwards, also when the script fails", async () => {
    const script = 'pwd; ls -A; touch left-behind "$TMPDIR/too"; exit "$CODE"';
    const folders = new Set<string>();
    for (const CODE of ["0", "1"]) {
      const { stdout, exitCode } = await work.run({ script, env: { CODE } });
      assert.equal(exitCode, Number(CODE));
      const [folder = "", ...files] = stdout.trim().split("\n");
      assert.deepEqual(files, []);
      assert.equal(existsSync(dirname(folder)), false);
      folders.add(folder);
    }
    assert.equal(folders.size, 2);
  });

  it("is gone although the script has locked away what is in it", async () => {
    const { stdout } = await work.run("pwd; mkdir -p a/b; touch a/b/c; chmod 0 a/b a");
    assert.equal(existsSync(dirname(stdout.trim())), false);
  });
});

describe("`working-directory`", () => {
  it("is where the script starts instead, and stays as the script leaves it", async (t) => {
    const workingDirectory = temporaryFolder(t);
    const { stdout, status } = await work.run({ script: "pwd -P; touch made", workingDirectory });
    assert.equal(status, "succeeded");
    assert.match(stdout, new RegExp(`${workingDirectory}\n$`));
    assert.equal(existsSync(join(workingDirectory, "made")), true);
  });

  it("fails the run with the reason when it is not there, or no folder", async (t) => {
    const folder = temporaryFolder(t);
    const missing = join(folder, "missing");
    const file = join(folder, "file");
    writeFileSync(file, "");
    const reasonFor = async (workingDirectory: string) =>
      (await work.run({ script: "true", workingDirectory })).reason;
    assert.equal(await reasonFor(missing), `working-directory ${missing} is not there`);
    assert.equal(await reasonFor(file), `working-directory ${file} is no folder`);
  });
});

describe("the time limit of a script", () => {
  it("ends it and its children politely, and fails the run with the reason", async () => {
    const script = "trap 'echo tidied up; exit 4' TERM; sleep 300 & echo $!; wait";
    const { status, reason, exitCode, stdout } = await work.run({ script, timeoutMs: 300 });
    assert.deepEqual([status, reason, exitCode], ["failed", "timed out after 300 ms", 4]);
    const [child, tidied] = stdout.split("\n");
    assert.equal(tidied, "tidied up");
    await until("the child is dead", () => !isRunning(Number(child)));
  });

  it("does not touch a script that is done in time", async () => {
    assert.equal((await work.run({ script: "sleep 0.1", timeoutMs: 20_000 })).status, "succeeded");
  });
});

describe("a child that a script leaves in the background", () => {
  it("ends with the script", async () => {
    const { status, stdout } = await work.run("sleep 300 & echo $!");
    assert.equal(status, "succeeded");
    await until("the child is dead", () => !isRunning(Number(stdout)));
  });

  it("does not hold up the run when it has left the group and keeps the pipes open (stories 45, 52)", async (t) => {
    const script =
      'setsid sh -c \'echo $$ > "$1/pid"; exec sleep 300\' sh "$PLACE" & while ! [ -s "$PLACE/pid" ]; do sleep 0.02; done; cat "$PLACE/pid"';
    const { status, stdout } = await work.run({ script, env: { PLACE: temporaryFolder(t) } });
    t.after(() => process.kill(Number(stdout)));
    assert.equal(status, "succeeded");
    assert.equal(isRunning(Number(stdout)), true);
  });
});

describe("payloads of any form", () => {
  it("start the script, also without all that a push has (story 38)", async () => {
    const strange = [
      {},
      { ref: 7, after: { sha: 1 }, repository: "acme", sender: ["alice"], deleted: "no" },
      { repository: { full_name: null }, sender: {}, pull_request: null },
    ];
    for (const payload of strange) {
      const { stdout, status } = await work.run('echo "[$GITHUB_REPOSITORY|$GITHUB_SHA|$GITHUB_ACTOR]"', {
        payload,
      });
      assert.deepEqual([status, stdout], ["succeeded", "[||]\n"]);
    }
    const { deleted, ...push } = pushPayload() as Record<string, unknown>;
    assert.equal((await work.run("true", { payload: push })).status, "succeeded");
  });
});
