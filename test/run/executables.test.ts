import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { hooksFolder } from "../support/hooks.ts";
import type { StoredOptions } from "../support/store-delivery.ts";
import { startWorker } from "../support/worker.ts";

Object.assign(process.env, { KEPT_BACK: "no", HANDED_ON: "yes", TMPDIR_OF_SCRIPTS: "$(touch pwned)" });

const work = await startWorker({ after }, { inheritEnv: ["HANDED_ON", "TMPDIR_OF_SCRIPTS", "NOT_SET"] });
const files = hooksFolder({ after });
let nextExecutable = 1;

/** Writes an executable and loads it as a hook; its name. */
function executable(text: string, { timeoutMs = 60_000, mode = 0o755 } = {}): string {
  const name = `push-site-${nextExecutable++}`;
  files.write(name, text, mode);
  const path = join(files.path, name);
  work.hooks.push({
    name,
    file: path,
    on: [{ event: "push" }],
    work: { kind: "executable", path, folder: files.path, timeoutMs },
  });
  return name;
}

async function run(name: string, delivery: StoredOptions = {}) {
  return work.ended(await work.start(name, delivery));
}

describe("an executable", () => {
  it("is given the file with the payload and the event, and nothing else", async () => {
    const name = executable(
      '#!/bin/sh\nprintf "%s\\n" "$0" "$#" "$@" "$GITHUB_EVENT_PATH" "$GITHUB_EVENT_NAME"\n',
    );
    const { status, stdout } = await run(name, { event: "pull_request_review" });
    assert.equal(status, "succeeded");
    const [program, count, payload, event, path, variable] = stdout.split("\n");
    assert.deepEqual([program, count, event], [join(files.path, name), "2", "pull_request_review"]);
    assert.deepEqual([path, variable], [payload, event]);
  });

  it("reads the payload byte for byte as it came, from a file of its own that is gone afterwards", async () => {
    const payload = { text: "é \u2028 </script>", number: 1.0, ref: "refs/heads/main" };
    const copy = join(files.path, "_copy");
    const { stdout } = await run(executable(`#!/bin/sh\ncp "$1" ${copy}\necho "$1"\n`), { payload });
    assert.equal(readFileSync(copy, "utf8"), JSON.stringify(payload));
    assert.equal(existsSync(stdout.trim()), false);
  });

  it("reads the JSON in a form's field", async () => {
    const payload = pushPayload();
    const { stdout } = await run(executable('#!/bin/sh\ncat "$1"\n'), { form: true, payload });
    assert.equal(stdout, JSON.stringify(payload));
  });

  it("starts in an empty folder of the run's own, with nothing on its standard input", async () => {
    const { stdout, status } = await run(executable("#!/bin/sh\ncat; pwd; ls -A\n"));
    assert.equal(status, "succeeded");
    assert.match(stdout, /^\S+\/work\n$/);
  });

  it("finds its neighbours beside itself: it is run where it lies, not from a copy", async () => {
    files.write("_lib.sh", "say() { echo neighbour; }\n");
    const { stdout } = await run(executable('#!/bin/sh\n. "$(dirname "$0")/_lib.sh"\nsay\n'));
    assert.equal(stdout, "neighbour\n");
  });

  it("has a run's environment, and what `inherit-env` names", async () => {
    const { stdout } = await run(executable("#!/bin/sh\nenv\n"));
    const names = stdout.split("\n").map((line) => line.split("=")[0] ?? "");
    assert.deepEqual(
      ["GITHUB_SHA", "LONGSHORE_RUN", "HANDED_ON", "KEPT_BACK", "NOT_SET"].filter((name) =>
        names.includes(name),
      ),
      ["GITHUB_SHA", "LONGSHORE_RUN", "HANDED_ON"],
    );
    assert.match(stdout, /^TMPDIR_OF_SCRIPTS=\$\(touch pwned\)$/m);
  });

  it("fails with its exit code, and its output is kept whatever its bytes are (story 38)", async () => {
    const { status, exitCode, reason, stdout, stderr } = await run(
      executable("#!/bin/sh\nprintf 'a\\377b'; echo bad >&2; exit 3\n"),
    );
    assert.deepEqual([status, exitCode, reason, stderr], ["failed", 3, null, "bad\n"]);
    assert.equal(stdout, "a\uFFFDb");
  });

  it("that takes too long is ended, with what it has started", async () => {
    const { status, reason } = await run(executable("#!/bin/sh\nsleep 600\n", { timeoutMs: 300 }));
    assert.equal(status, "failed");
    assert.match(reason ?? "", /^timed out after /);
  });

  it("without a first line fails with that reason, and its folder is removed (story 38)", async () => {
    const marker = join(files.path, "_started");
    const { status, reason, exitCode } = await run(executable(`touch ${marker}\n`));
    assert.deepEqual([status, exitCode], ["failed", null]);
    assert.match(reason ?? "", /has no first line that says what reads it/);
    assert.equal(existsSync(marker), false, "no shell was asked to try it");
  });

  it("that is gone, or is no longer executable, when its attempt starts fails with that reason", async () => {
    const gone = executable("#!/bin/sh\n");
    rmSync(join(files.path, gone));
    assert.match((await run(gone)).reason ?? "", /\/push-site-\d+ is not there$/);
    const forbidden = executable("#!/bin/sh\n", { mode: 0o644 });
    assert.match((await run(forbidden)).reason ?? "", /may not be executed by the server's account/);
  });

  it("is as it lies there when its attempt starts", async () => {
    const name = executable("#!/bin/sh\necho one\n");
    writeFileSync(join(files.path, name), "#!/bin/sh\necho two\n");
    assert.equal((await run(name)).stdout, "two\n");
  });

  it("waits for the ones before it that work on the same delivery, though hands are free", async () => {
    const log = join(files.path, "_log");
    const first = `until [ -e ${files.path}/_open ]; do sleep 0.02; done; echo first >> ${log}`;
    const commands = [first, `echo second >> ${log}; exit 1`, `echo third >> ${log}`];
    const hooks = commands.map((command) => executable(`#!/bin/sh\n${command}\n`));
    const { runs } = await work.accept({ hooks });
    // Others begin and end meanwhile.
    await work.run("true");
    assert.equal((await run(hooks[2] ?? "")).status, "succeeded", "that of another delivery");
    assert.deepEqual(await Promise.all(runs.map(async (id) => (await work.find(id)).status)), [
      "running",
      "queued",
      "queued",
    ]);
    files.write("_open", "");
    const ended = await Promise.all(runs.map((id) => work.ended(id)));
    assert.deepEqual(
      ended.map(({ status }) => status),
      ["succeeded", "failed", "succeeded"],
    );
    assert.equal(readFileSync(log, "utf8"), "third\nfirst\nsecond\nthird\n");
  });
});

describe("`inherit-env` of a hook file", () => {
  it("adds to what all runs are given; what the hook sets and what Longshore sets come before it", async () => {
    process.env.GITHUB_SHA = "the server's";
    const { stdout } = await work.run(
      {
        script: 'echo "$HANDED_ON $KEPT_BACK $OWN $GITHUB_SHA"',
        inheritEnv: ["KEPT_BACK", "OWN", "GITHUB_SHA"],
        env: { OWN: "hook's" },
      },
      { payload: pushPayload({ after: "a1" }) },
    );
    assert.equal(stdout, "yes no hook's a1\n");
  });
});
