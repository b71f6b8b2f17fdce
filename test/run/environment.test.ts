import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import type { StoredOptions } from "../support/store-delivery.ts";
import { startWorker, type TestCommand } from "../support/worker.ts";

/** What a server may have in its environment, and no script may see. */
const OURS_ALONE = {
  AWS_SECRET_ACCESS_KEY: "not for scripts",
  BASH_ENV: "/not-for-scripts.sh",
  GITHUB_ACTIONS: "true",
  GITHUB_TOKEN: "not for scripts",
  GITHUB_WEBHOOK_SECRET: "not for scripts",
  LD_PRELOAD: "/not-for-scripts.so",
  LONGSHORE_DATABASE: "/not-for-scripts.db",
  NODE_OPTIONS: "--title=not-for-scripts",
};
Object.assign(process.env, OURS_ALONE, { LANG: "C.UTF-8" });
delete process.env.TZ;

const work = await startWorker({ after });
const SHA = "b".repeat(40);
/** A shell that adds no variables of its own, as bash does. */
const NODE = `"${process.execPath}" {0}`;

async function environmentOf(delivery: StoredOptions, command: Partial<TestCommand & object> = {}) {
  const script = "console.log(JSON.stringify(process.env))";
  const run = await work.run({ shell: NODE, ...command, script }, delivery);
  assert.equal(run.reason, null);
  const { __CF_USER_TEXT_ENCODING, ...environment } = JSON.parse(run.stdout) as Record<string, string>;
  return { run, environment };
}

describe("the environment of a run", () => {
  it("is exactly this, whatever the server's own has in it (stories 21, 25)", async () => {
    const guid = "6c1ed3a0-1c7c-11f0-8d0b-3f2d0c4a8a11";
    const { run, environment } = await environmentOf(
      { guid, payload: pushPayload({ after: SHA }) },
      { env: { GREETING: "hello", EMPTY: "", problem: "is only a name" } },
    );
    const { username, homedir } = userInfo();
    const folder = dirname(environment.GITHUB_EVENT_PATH ?? "");
    assert.deepEqual(environment, {
      PATH: process.env.PATH,
      HOME: homedir,
      USER: username,
      LOGNAME: username,
      LANG: "C.UTF-8",
      TMPDIR: join(folder, "tmp"),
      GIT_TERMINAL_PROMPT: "0",
      GREETING: "hello",
      EMPTY: "",
      problem: "is only a name",
      GITHUB_EVENT_NAME: "push",
      GITHUB_EVENT_PATH: join(folder, "event.json"),
      GITHUB_REPOSITORY: "acme/site",
      GITHUB_REPOSITORY_OWNER: "acme",
      GITHUB_REF: "refs/heads/main",
      GITHUB_REF_NAME: "main",
      GITHUB_REF_TYPE: "branch",
      GITHUB_SHA: SHA,
      GITHUB_ACTOR: "alice",
      GITHUB_HEAD_REF: "",
      GITHUB_BASE_REF: "",
      GITHUB_RUN_ID: String(run.id),
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_WORKSPACE: join(folder, "work"),
      GITHUB_API_URL: "https://api.github.com",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_OUTPUT: join(folder, "output"),
      GITHUB_ENV: join(folder, "env"),
      GITHUB_PATH: join(folder, "path"),
      GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
      LONGSHORE_HOOK: run.hook,
      LONGSHORE_RUN: String(run.id),
      LONGSHORE_ATTEMPT: "1",
      LONGSHORE_DELIVERY: String(run.deliveryId),
      LONGSHORE_GUID: guid,
      LONGSHORE_ACTION: "",
      LONGSHORE_LAST_SUCCESS_SHA: "",
    });
  });

  // Only Linux shows it.
  if (process.platform === "linux")
    it("has no more in that of the process that starts it", async () => {
      const { stdout } = await work.run("tr '\\0' '\\n' < /proc/$PPID/environ");
      assert.match(stdout, /^NODE_CHANNEL_FD=/m);
      assert.doesNotMatch(stdout, /not.for.scripts/);
    });

  it("names the branches of a pull request, its merge ref and its action", async () => {
    const payload = {
      action: "opened",
      pull_request: { number: 7, merge_commit_sha: SHA, head: { ref: "fix" }, base: { ref: "main" } },
    };
    const { environment } = await environmentOf({ event: "pull_request", payload });
    const { GITHUB_REF, GITHUB_REF_NAME, GITHUB_HEAD_REF, GITHUB_BASE_REF, LONGSHORE_ACTION } = environment;
    assert.deepEqual(
      [GITHUB_REF, GITHUB_REF_NAME, GITHUB_HEAD_REF, GITHUB_BASE_REF, LONGSHORE_ACTION],
      ["refs/pull/7/merge", "7/merge", "fix", "main", "opened"],
    );
    assert.equal(environment.GITHUB_SHA, SHA);
  });

  it("is about the base where the hook is on pull_request_target", async () => {
    const payload = {
      action: "opened",
      pull_request: {
        number: 7,
        merge_commit_sha: "c".repeat(40),
        head: { ref: "fix" },
        base: { ref: "main", sha: SHA },
      },
    };
    const script = 'echo "$GITHUB_EVENT_NAME $GITHUB_REF $GITHUB_SHA $GITHUB_HEAD_REF $GITHUB_BASE_REF"';
    const name = work.hook(script);
    const hook = work.hooks.find((candidate) => candidate.name === name);
    work.hooks[work.hooks.indexOf(hook ?? assert.fail())] = {
      ...(hook ?? assert.fail()),
      on: [{ event: "pull_request_target" }],
    };
    const { stdout } = await work.ended(await work.start(name, { event: "pull_request", payload }));
    assert.equal(stdout.trim(), `pull_request_target refs/heads/main ${SHA} fix main`);
  });

  it("tells a tag from a branch", async () => {
    const { environment } = await environmentOf({ payload: pushPayload({ ref: "refs/tags/v1/rc" }) });
    assert.deepEqual([environment.GITHUB_REF_TYPE, environment.GITHUB_REF_NAME], ["tag", "v1/rc"]);
  });

  it("has an empty value for what a delivery does not say (story 38)", async () => {
    const { environment } = await environmentOf({ event: "ping", payload: {} });
    for (const name of ["REPOSITORY", "REPOSITORY_OWNER", "REF", "REF_NAME", "REF_TYPE", "SHA", "ACTOR"])
      assert.equal(environment[`GITHUB_${name}`], "", name);
  });

  it("names the last commit that the hook ran to success for, on this repository and ref", async () => {
    const hook = work.hook('echo "[$LONGSHORE_LAST_SUCCESS_SHA]"; test "$GITHUB_SHA" != bad');
    const run = async (after: string, changes: object = {}) => {
      const id = await work.start(hook, { payload: pushPayload({ after, ...changes }) });
      return (await work.ended(id)).stdout.trim();
    };
    assert.equal(await run("one"), "[]");
    assert.equal(await run("bad"), "[one]");
    assert.equal(await run("two"), "[one]");
    assert.equal(await run("three"), "[two]");
    assert.equal(await run("four", { ref: "refs/heads/other" }), "[]");
    assert.equal(await run("five", { repository: { full_name: "acme/other" } }), "[]");
  });
});

describe("GitHub's addresses in the environment of a run", () => {
  it("are those that the settings say, never those that a delivery says (story 40)", async (t) => {
    const servers = [
      ["https://api.acme.ghe.com", "https://acme.ghe.com"],
      ["https://github.example.com/api/v3", "https://github.example.com"],
    ] as const;
    for (const [githubApiUrl, serverUrl] of servers) {
      const other = await startWorker(t, { githubApiUrl });
      const headers = [
        ["content-type", "application/json"],
        ["x-github-enterprise-host", "evil.example"],
      ] as const;
      const { stdout } = await other.run('echo "$GITHUB_API_URL $GITHUB_SERVER_URL"', {
        headers,
        payload: pushPayload({ repository: { full_name: "a/b", html_url: "https://evil.example/a/b" } }),
      });
      assert.equal(stdout.trim(), `${githubApiUrl} ${serverUrl}`);
    }
  });
});
