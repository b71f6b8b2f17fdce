import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { findHighlights } from "../../src/store/highlights.ts";
import { pushPayload } from "../support/github.ts";
import { handlersOf, handlerText } from "../support/handlers.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { type EndedRun, startWorker, type TestCommand } from "../support/worker.ts";

const work = await startWorker({ after }, { secrets: { TOKEN: "known-secret" } });
const handlers = handlersOf({ after }, work);

const highlightsOf = ({ id, attempt }: EndedRun) => findHighlights(work.store.db, id, attempt);

async function summaryOf(script: string) {
  const run = await work.run(script);
  return { ...run, summary: (await highlightsOf(run)).summary };
}

describe("a script", () => {
  it("annotates its run, also when it fails", async () => {
    const run = await work.run("echo '::error file=a.js,line=3::It broke'; echo ::warning::Hm >&2; exit 3");
    assert.deepEqual([run.status, run.exitCode], ["failed", 3]);
    const { annotations } = await highlightsOf(run);
    const found = annotations.map(({ level, file, line, message }) => [level, file, line, message]);
    assert.deepEqual(
      found.sort(),
      [
        ["error", "a.js", 3, "It broke"],
        ["warning", null, null, "Hm"],
      ].sort(),
    );
    assert.deepEqual([run.stdout, run.stderr], ["::error file=a.js,line=3::It broke\n", "::warning::Hm\n"]);
  });

  it("hides what it has not been given: in what it prints, in its annotations and its summary", async () => {
    const run = await summaryOf(`
      echo before: s3cret-of-today
      echo ::add-mask::s3cret-of-today
      echo after: s3cret-of-today
      echo '::error::not s3cret-of-today'
      printf '%s' s3cret-of-today | base64
      echo 's3cret-of-today is **hidden**' >> "$GITHUB_STEP_SUMMARY"`);
    assert.equal(run.stdout, "before: s3cret-of-today\n::add-mask::***\nafter: ***\n::error::not ***\n***\n");
    assert.equal(run.summary, "*** is **hidden**\n");
    assert.equal((await highlightsOf(run)).annotations[0]?.message, "not ***");
  });

  it("shows each line as it comes, and only the beginning of a command is waited for", async (t) => {
    const go = join(temporaryFolder(t), "go");
    const script = `printf 'one\\n: two\\n::no'; until [ -e ${go} ]; do sleep 0.02; done; echo ' command'`;
    const id = await work.start(work.hook(script));
    await until("it is shown", async () => (await work.output(id)).startsWith("one\n: two\n"));
    writeFileSync(go, "");
    assert.equal((await work.ended(id)).stdout, "one\n: two\n::no command\n");
  });

  it("need not end its last line", async () => {
    const run = await work.run("echo ::add-mask::hunter2; printf '::error::not hunter2'");
    assert.equal(run.stdout, "::add-mask::***\n::error::not ***");
    assert.equal((await highlightsOf(run)).annotations[0]?.message, "not ***");
  });

  it("can let nothing be understood for a while", async () => {
    const run = await work.run("echo ::stop-commands::tok; echo ::error::a; echo ::tok::; echo ::error::b");
    assert.deepEqual(
      (await highlightsOf(run)).annotations.map(({ message }) => message),
      ["b"],
    );
  });

  it("can say so much that a note says what is left out", async () => {
    const run = await work.run("for i in $(seq 60); do echo ::error::$i; done");
    assert.equal((await highlightsOf(run)).annotations.length, 50);
    assert.match(await work.output(run.id, "longshore"), /^\n\[an attempt has 50 annotations at most/);
  });

  it("is understood in its on-failure, too, which hides what the script has hidden", async () => {
    const name = work.hook(
      "echo ::add-mask::hunter2; echo ::error::one; echo '# One' > $GITHUB_STEP_SUMMARY; false",
    );
    const hook = work.hooks.find((one) => one.name === name) ?? assert.fail();
    hook.onFailure = "echo hunter2; echo ::error::two; echo '# Two' > $GITHUB_STEP_SUMMARY";
    const run = await work.ended(await work.start(name));
    assert.equal(run.stdout, "::add-mask::***\n::error::one\n***\n::error::two\n");
    const { annotations, summary } = await highlightsOf(run);
    assert.deepEqual(
      annotations.map(({ message }) => message),
      ["one", "two"],
    );
    assert.equal(summary, "# One\n\n\n# Two\n");
  });

  it("points out nothing when it says nothing", async () => {
    assert.deepEqual(await highlightsOf(await work.run("echo hello")), { annotations: [], summary: null });
  });
});

describe("the summary of a run", () => {
  it("is kept, masked, also when the script fails", async () => {
    const command: TestCommand = {
      script: 'echo "# Built with $TOKEN" >> "$GITHUB_STEP_SUMMARY"; exit 1',
      env: { TOKEN: "${{ secrets.TOKEN }}" },
    };
    const run = await work.run(command);
    assert.deepEqual([run.status, (await highlightsOf(run)).summary], ["failed", "# Built with ***\n"]);
  });

  it("may replace the file", async () => {
    const { summary } = await summaryOf('echo "# New" > new; mv new "$GITHUB_STEP_SUMMARY"');
    assert.equal(summary, "# New\n");
  });

  it("may be missing", async () => {
    const { id, status, summary } = await summaryOf('rm "$GITHUB_STEP_SUMMARY"');
    assert.deepEqual([status, summary, await work.output(id)], ["succeeded", null, ""]);
  });

  for (const [what, command, problem] of [
    ["a link", "ln -s /etc/passwd", "it is a link"],
    ["a pipe", "mkfifo", "it is no regular file"],
    ["a folder", "mkdir", "it is no regular file"],
    ["a file with another name", "touch other; ln other", "it has another name as well"],
  ] as const)
    it(`is not read from ${what}, and the output says why`, { timeout: 20_000 }, async () => {
      const { id, status, summary } = await summaryOf(
        `rm "$GITHUB_STEP_SUMMARY"; ${command} "$GITHUB_STEP_SUMMARY"`,
      );
      assert.deepEqual([status, summary], ["succeeded", null]);
      const note = await work.output(id, "longshore");
      assert.ok(note.includes(`[its summary could not be read: ${problem}`), note);
    });

  it("is cut at 1 MiB, and says so", async () => {
    const { id, summary } = await summaryOf(
      `head -c 3000000 /dev/zero | tr '\\0' x > "$GITHUB_STEP_SUMMARY"`,
    );
    assert.equal(summary?.replace(/[^x]+$/, "").length, 1024 ** 2);
    assert.match(summary ?? "", /larger than 1 MiB\. The rest is left out\.\*$/);
    assert.match(await work.output(id, "longshore"), /its summary is larger than 1 MiB/);
  });
});

describe("a handler", () => {
  it("speaks as GitHub's toolkit does", async () => {
    const run = await handlers.run(`
      const { EOL } = await import("node:os");
      const { appendFileSync } = await import("node:fs");
      const command = (text) => process.stdout.write("::" + text + EOL);
      command("add-mask::hunter2");
      command("group::Work");
      console.log("with hunter2");
      command("endgroup::");
      command("warning file=a.js,line=1,title=A%3A B::first%0Asecond");
      log.info("::notice::from its log");
      appendFileSync(process.env.GITHUB_STEP_SUMMARY, "<h1>hunter2</h1>" + EOL);
      command("error::It failed");
      throw new Error("not hunter2");`);
    assert.equal(run.status, "failed");
    assert.match(run.reason ?? "", /not \*\*\*/);
    assert.match(run.stdout, /^::add-mask::\*\*\*\n::group::Work\nwith \*\*\*\n::endgroup::\n/);
    assert.doesNotMatch(run.stderr, /hunter2/);
    const { annotations, summary } = await highlightsOf(run);
    assert.deepEqual(
      annotations.map(({ level, title, message }) => [level, title, message]),
      [
        ["warning", "A: B", "first\nsecond"],
        ["notice", null, "from its log"],
        ["error", null, "It failed"],
      ],
    );
    assert.equal(summary, "<h1>***</h1>\n");
  });

  it("fails by `process.exitCode`, as the toolkit's `setFailed` does, and only that once", async () => {
    const once = `if (payload.ref === "refs/heads/broken") {
      process.exitCode = 1;
      console.log("::error::It failed");
    }`;
    const name = await handlers.load("set-failed.ts", handlerText(once));
    const ended = async (ref: string) =>
      work.ended(await work.start(name, { payload: pushPayload({ ref }) }));
    const broken = await ended("refs/heads/broken");
    assert.deepEqual([broken.status, broken.reason], ["failed", "it has set process.exitCode to 1"]);
    assert.equal((await highlightsOf(broken)).annotations[0]?.message, "It failed");
    assert.equal((await ended("refs/heads/main")).status, "succeeded");
  });
});
