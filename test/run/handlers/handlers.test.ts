import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pushPayload } from "../../support/github.ts";
import { handlersOf, handlerText } from "../../support/handlers.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { startWorker } from "../../support/worker.ts";

const SLOW_ENOUGH = `await new Promise((resolve) => setTimeout(resolve, 50));`;

const api = createServer((request, response) => {
  const { authorization } = request.headers;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ full_name: `${request.url} as ${authorization}` }));
});
await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
after(() => api.close());
const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;

const work = await startWorker({ after }, { githubApiUrl: apiUrl });
const handlers = handlersOf({ after }, work);

describe("a handler", () => {
  it("is given the delivery, the event and its payload", async () => {
    const name = await handlers.load(
      "given.ts",
      handlerText("log.info(JSON.stringify({ event, ref: payload.ref, delivery }));"),
    );
    const run = await work.start(name, { guid: "0b0bb0a0-0000-11ee-8000-000000000001", receivedAt: 1e12 });
    const { status, stdout, exitCode, reason } = await work.ended(run);
    assert.deepEqual([status, exitCode, reason], ["succeeded", null, null]);
    const { event, ref, delivery } = JSON.parse(stdout);
    assert.deepEqual([event, ref], ["push", "refs/heads/main"]);
    assert.equal(delivery.guid, "0b0bb0a0-0000-11ee-8000-000000000001");
    assert.equal(delivery.receivedAt, "2001-09-09T01:46:40.000Z");
    assert.deepEqual(
      Object.keys(delivery).sort(),
      "action event guid id receivedAt ref repository sender sha source".split(" "),
    );
  });

  it("is told of the base where it is on pull_request_target, as a script is", async () => {
    const text = handlerText(
      "log.info(JSON.stringify([event, delivery.event, delivery.ref, delivery.sha, env.GITHUB_SHA, payload.action]));",
    );
    const name = await handlers.load("target.ts", text.replace('"push"', '"pull_request_target"'));
    const payload = {
      action: "opened",
      pull_request: { head: { ref: "fix", sha: "b".repeat(40) }, base: { ref: "main", sha: "c".repeat(40) } },
    };
    const { stdout } = await work.ended(await work.start(name, { event: "pull_request", payload }));
    const base = "c".repeat(40);
    const told = ["pull_request_target", "pull_request_target", "refs/heads/main", base, base, "opened"];
    assert.deepEqual(JSON.parse(stdout), told);
  });

  it("is given the payload of a form, too", async () => {
    const name = await handlers.load("form.ts", handlerText("log.info(payload.ref);"));
    const run = await work.start(name, { form: true, payload: pushPayload({ ref: "refs/heads/ä" }) });
    assert.equal((await work.ended(run)).stdout, "refs/heads/ä\n");
  });

  it("has a run's environment as its own, and nothing else of the server's", async (t) => {
    process.env.LONGSHORE_TEST_SECRET = "seen";
    t.after(() => delete process.env.LONGSHORE_TEST_SECRET);
    const { stdout } = await handlers.run(
      "log.info(JSON.stringify([env, process.env, process.cwd() === env.GITHUB_WORKSPACE, process.argv.length]));",
    );
    const [env, own, startsThere, argv] = JSON.parse(stdout);
    assert.deepEqual(env, own);
    assert.equal(env.GITHUB_SHA, "a".repeat(40));
    assert.match(env.LONGSHORE_RUN, /^\d+$/);
    assert.equal("LONGSHORE_TEST_SECRET" in own, false);
    assert.equal("NODE_CHANNEL_FD" in own, false);
    assert.deepEqual([startsThere, argv], [true, 2]);
  });

  it("leaves what Node has made of it for the next process, and knows nothing of where", async (t) => {
    const before = process.env.NODE_COMPILE_CACHE ?? "";
    const cache = temporaryFolder(t);
    process.env.NODE_COMPILE_CACHE = cache;
    t.after(() => {
      process.env.NODE_COMPILE_CACHE = before;
    });
    const variable = "process.env.NODE_COMPILE_CACHE";
    const name = await handlers.load(
      "kept.ts",
      `const atFirst = ${variable};\n${handlerText(`log.info(atFirst, ${variable});`)}`,
    );
    assert.ok(readdirSync(cache, { recursive: true }).length > 1, "kept, though its process runs on");
    assert.equal((await work.ended(await work.start(name))).stdout, "undefined undefined\n");
  });

  it("finds in `env` what its hook adds, and nothing of the run before", async () => {
    const name = await handlers.load(
      "env.ts",
      handlerText(
        `log.info(env.TARGET + process.env.LEAK + env.LONGSHORE_RUN); process.env.LEAK = "leaked";`,
        `env: { TARGET: "production" },`,
      ),
    );
    for (let turn = 1; turn <= 2; turn++) {
      const run = await work.start(name);
      assert.equal((await work.ended(run)).stdout, `productionundefined${run}\n`);
    }
  });

  it("has what it prints and logs as its run's output, all of it, each on its stream", async () => {
    const { stdout, stderr } = await handlers.run(`
      log.debug("one"); log.info("two %d", 2, { more: [1] }); console.log("three");
      log.warn("four"); log.error("five", new Error("shown").message); console.error("six");
      process.stdout.write("x".repeat(300_000) + "the end");
    `);
    assert.equal(stdout, `debug: one\ntwo 2 { more: [ 1 ] }\nthree\n${"x".repeat(300_000)}the end`);
    assert.equal(stderr, "warning: four\nerror: five shown\nsix\n");
  });

  it("has the output of what it starts as its own", async () => {
    const { stdout } = await handlers.run(`
      const { execFileSync } = await import("node:child_process");
      execFileSync("sh", ["-c", 'echo "from $LONGSHORE_HOOK"'], { stdio: "inherit" });
    `);
    assert.match(stdout, /^from handler-\d+\n$/);
  });

  it("has its folder removed, and what it returns ignored", async () => {
    const { status, stdout } = await handlers.run("log.info(process.cwd()); return { status: 'failed' };");
    assert.equal(status, "succeeded");
    assert.equal(existsSync(stdout.trim()), false);
  });

  it("has a client of GitHub's API, with the token of its environment", async () => {
    const ask = `const { octokit } = rest;
      const { data } = await octokit.rest.repos.get({ owner: "acme", repo: "site" });
      log.info(data.full_name);`;
    for (const [file, more, authorization] of [
      ["anonymous.ts", "", "undefined"],
      ["known.ts", `env: { GITHUB_TOKEN: "secret" },`, "token secret"],
    ] as const) {
      const name = await handlers.load(file, handlerText(ask, more));
      const { status, stdout, stderr } = await work.ended(await work.start(name));
      assert.deepEqual([status, stdout, stderr], ["succeeded", `/repos/acme/site as ${authorization}\n`, ""]);
    }
  });

  it("can be written in JavaScript and import packages and files, which need no package.json", async () => {
    mkdirSync(join(handlers.folder, "_lib"));
    mkdirSync(join(handlers.folder, "node_modules/greet"), { recursive: true });
    handlers.write("_lib/name.ts", "export const name: string = 'world';");
    handlers.write("node_modules/greet/index.js", "module.exports = (name) => `hello ${name}`;");
    handlers.write("_lib/old.cjs", "exports.mark = '!';");
    const name = await handlers.load(
      "plain.js",
      `import { defineHook } from "longshore";
      import greet from "greet";
      import { name } from "./_lib/name.ts";
      import { mark } from "./_lib/old.cjs";
      export default defineHook({ on: "push", run: ({ log }) => log.info(greet(name) + mark) });`,
    );
    assert.equal((await work.ended(await work.start(name))).stdout, "hello world!\n");
  });

  it("runs in spite of type errors", async () => {
    const { status, stdout } = await handlers.run("const n: number = 'text'; log.info(n);");
    assert.deepEqual([status, stdout], ["succeeded", "text\n"]);
  });
});

describe("a handler's `if`", () => {
  const asked = `log.info("ran");`;
  const run = async (file: string, condition: string) => {
    const name = await handlers.load(file, handlerText(asked, `if: ${condition},`));
    return work.ended(await work.start(name));
  };

  it("that says yes lets it run", async () => {
    const { status, stdout } = await run(
      "yes.ts",
      `async ({ payload }) => { ${SLOW_ENOUGH} return payload.ref === "refs/heads/main"; }`,
    );
    assert.deepEqual([status, stdout], ["succeeded", "ran\n"]);
  });

  it("that says no makes the run `skipped`, and keeps the process", async () => {
    const { status, stdout, reason } = await run("no.ts", `({ event }) => event !== "push"`);
    assert.deepEqual([status, stdout, reason], ["skipped", "", "its `if` says no"]);
  });

  it("that throws is no yes, and no quiet no", async () => {
    const { status, stdout, stderr, reason } = await run(
      "throws.ts",
      "({ payload }) => payload.issue.number > 1",
    );
    assert.deepEqual([status, stdout], ["failed", ""]);
    assert.match(
      String(reason),
      /^its `if` could not be evaluated: TypeError: Cannot read properties of undefined/,
    );
    assert.match(stderr, /at .*if .*throws\.ts:4/);
  });
});
