import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { pushPayload } from "../../support/github.ts";
import { ENDLESS, handlersOf, handlerText } from "../../support/handlers.ts";
import { isRunning } from "../../support/processes.ts";
import { until } from "../../support/until.ts";
import { type EndedRun, startWorker } from "../../support/worker.ts";

const work = await startWorker({ after }, { concurrency: 8 });
const handlers = handlersOf({ after }, work);

/** For a branch that is named here it does that, after `first`; for every other it says in which process it is. */
const byBranch = (bodies: Readonly<Record<string, string>>, first = "") => {
  const cases = Object.entries(bodies).map(
    ([name, body]) => `case "refs/heads/${name}": { ${first} ${body} return; }`,
  );
  return handlerText(`switch (payload.ref) { ${cases.join("\n")} }\n log.info(process.pid);`);
};

const slug = (title: string) => title.replaceAll(/\W+/g, "-");

const branch = (name: string) => ({ payload: pushPayload({ ref: `refs/heads/${name}` }) });

interface Failing {
  title: string;
  body: string;
  reason: RegExp;
  stderr?: RegExp;
  exitCode?: number;
  signal?: string;
}

const FAILURES: Failing[] = [
  {
    title: "throws an error",
    body: "throw new TypeError('not this\\nway');",
    reason: /^TypeError: not this$/,
    stderr: /TypeError: not this\nway\n +at .*failing\.ts/,
  },
  { title: "throws null", body: "throw null;", reason: /^it threw null$/ },
  { title: "throws undefined", body: "throw undefined;", reason: /^it threw undefined$/ },
  { title: "throws a text", body: "throw 'no luck';", reason: /^it threw 'no luck'$/ },
  {
    title: "throws what cannot be looked at",
    body: "throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } });",
    reason: /^it threw /,
  },
  {
    title: "throws what throws when it is shown",
    body: "throw { [Symbol.for('nodejs.util.inspect.custom')]() { throw 1; } };",
    reason: /^it threw something that cannot be shown$/,
  },
  { title: "rejects with nothing", body: "await Promise.reject();", reason: /^it threw undefined$/ },
  {
    title: "calls process.exit(0)",
    body: "process.exit(0);",
    reason: /^its process has ended: exit code 0$/,
    exitCode: 0,
  },
  {
    title: "calls process.exit(3)",
    body: "process.exit(3);",
    reason: /^its process has ended: exit code 3$/,
    exitCode: 3,
  },
  {
    title: "kills itself",
    body: "process.kill(process.pid, 'SIGKILL'); await new Promise((r) => setTimeout(r, 60_000));",
    reason: /^its process has ended: SIGKILL$/,
    signal: "SIGKILL",
  },
  {
    title: "needs more memory than it may have",
    body: "const all: number[][] = []; for (;;) all.push(new Array(1e6).fill(0.5));",
    reason: /^its process has ended: SIGABRT, as when it needs more memory than 512 MiB$/,
    stderr: /heap out of memory/,
    signal: "SIGABRT",
  },
  {
    title: "rejects a promise that nobody waits for",
    body: "void Promise.reject(new Error('unseen')); await new Promise((r) => setTimeout(r, 60_000));",
    reason: /^an unhandled rejection: Error: unseen$/,
    stderr: /Error: unseen\n +at/,
  },
  {
    title: "rejects a promise that nobody waits for and returns",
    body: "void Promise.reject(null); return;",
    reason: /^an unhandled rejection: it threw null$/,
  },
  {
    title: "throws in a timer",
    body: "setTimeout(() => { throw new Error('late'); }, 1); await new Promise((r) => setTimeout(r, 60_000));",
    reason: /^an uncaught exception: Error: late$/,
  },
  {
    title: "waits for what never comes",
    body: "await new Promise(() => {});",
    reason: /^its promise never ends: nothing is left that could settle it$/,
  },
  {
    title: "calls itself for ever",
    body: "const again = (): void => again(); again();",
    reason: /^RangeError: Maximum call stack size exceeded$/,
  },
  {
    title: "closes its channel",
    body: "process.disconnect?.(); await new Promise((r) => setTimeout(r, 60_000));",
    reason: /^its process has ended: exit code 0$/,
    exitCode: 0,
  },
];

describe("a run of a handler that", async () => {
  // One file for all: what the one run leaves is the process that the next one fails in.
  const bodies = Object.fromEntries(FAILURES.map(({ title, body }) => [slug(title), body]));
  const failing = await handlers.load("failing.ts", byBranch(bodies));

  for (const { title, reason, stderr = /(?:)/, exitCode = null, signal = null } of FAILURES)
    it(`${title} has failed, and nothing else: the next one gets a new process`, async () => {
      const before = await work.ended(await work.start(failing, branch("main")));
      const run = await work.ended(await work.start(failing, branch(slug(title))));
      assert.deepEqual([run.status, run.exitCode, run.signal], ["failed", exitCode, signal]);
      assert.match(String(run.reason), reason);
      assert.match(run.stderr, stderr);
      const after = await work.ended(await work.start(failing, branch("main")));
      assert.deepEqual([after.status, after.stderr], ["succeeded", ""]);
      assert.notEqual(after.stdout, before.stdout);
      await until("the process is gone", () => !isRunning(Number(before.stdout)));
    });

  it("never ends is killed with its children when its time is over, while others go on", async () => {
    const children = `const { spawn } = await import("node:child_process");
      const child = spawn("sh", ["-c", "sleep 300 & wait"], { stdio: "ignore" });
      process.stdout.write(child.pid + " " + process.pid + "\\n");`;
    const name = await handlers.load("endless.ts", byBranch({ bad: `${children} ${ENDLESS}` }), 2_000);
    const other = await handlers.load("other.ts", byBranch({}));
    const bad = await work.start(name, branch("bad"));
    const pids = await until(
      "it has begun",
      async () => /^(\d+) (\d+)\n/.exec(await work.output(bad)) ?? undefined,
    );

    const good = await Promise.all([work.start(other, branch("main")), work.start(work.hook("true"))]);
    for (const run of good) assert.equal((await work.ended(run)).status, "succeeded");
    assert.equal((await work.find(bad)).status, "running");

    const { status, reason, signal } = await work.ended(bad);
    assert.deepEqual([status, reason, signal], ["failed", "timed out after 2.0 s", "SIGKILL"]);
    assert.deepEqual(pids.slice(1).map(Number).map(isRunning), [false, false]);
  });

  it("has no more time is told so by its `signal`, and may tidy up", async () => {
    const body = `await new Promise((resolve) => {
        const timer = setTimeout(resolve, 60_000);
        signal.addEventListener("abort", () => { clearTimeout(timer); resolve(undefined); });
      });
      log.info("tidied up", signal.aborted);`;
    const run = await handlers.run(body, 500);
    assert.deepEqual([run.status, run.reason], ["failed", "timed out after 500 ms"]);
    assert.equal(run.stdout, "tidied up true\n");
  });
});

describe("a run of a handler that leaves something open", () => {
  const NOTE = /\[it has left open: (.+); the next run gets a new process\]/;

  /** The kind, and what leaves it. */
  const LEAVING = [
    ["Timeout", "setInterval(() => log.info('still here'), 1);"],
    ["Timeout", "setTimeout(() => { throw new Error('later'); }, 200);"],
    ["TCPServerWrap", "const net = await import('node:net'); net.createServer().listen(0, '127.0.0.1');"],
    [
      "PipeWrap",
      "const net = await import('node:net'); const server = net.createServer().listen(env.TMPDIR + '/socket'); await new Promise((resolve) => server.once('listening', resolve));",
    ],
    [
      "ProcessWrap",
      "const { spawn } = await import('node:child_process'); spawn('sleep', ['300'], { stdio: 'ignore' });",
    ],
  ] as const;
  const TIDY = `
    const net = await import("node:net");
    const server = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    server.close();
    setInterval(() => {}, 1000).unref();
    await fetch("http://127.0.0.1:9").catch(() => {});
    clearInterval(setInterval(() => {}, 1));`;

  const bodies = Object.fromEntries([...LEAVING.map(([, body]) => body), TIDY].entries());
  let name: Promise<string> | undefined;

  const succeeds = async (index: number): Promise<[string | undefined, EndedRun, EndedRun]> => {
    name ??= handlers.load("leaving.ts", byBranch(bodies, "log.info(process.pid);"));
    const run = await work.start(await name, branch(String(index)));
    const first = await work.ended(run);
    const second = await work.ended(await work.start(await name, branch("main")));
    const left = NOTE.exec(await work.output(run, "longshore"))?.[1];
    return [left, first, second];
  };

  it("has succeeded, with a note, and its process has ended with it", async () => {
    for (const [index, [kind]] of LEAVING.entries()) {
      const [left, first, second] = await succeeds(index);
      assert.equal(left, kind);
      assert.deepEqual([first.status, first.reason], ["succeeded", null]);
      assert.deepEqual([second.status, second.stderr], ["succeeded", ""]);
      assert.match(second.stdout, /^\d+\n$/);
      assert.notEqual(Number.parseInt(first.stdout, 10), Number(second.stdout));
    }
  });

  it("is none that has closed it, or that is waited for, or that holds nothing up", async () => {
    const [left, first, second] = await succeeds(LEAVING.length);
    assert.equal(left, undefined);
    assert.deepEqual([first.stdout, first.status], [second.stdout, "succeeded"]);
  });
});

describe("a handler that a stopped worker has in hand", () => {
  it("is told to end, and its run is handed back", async (t) => {
    const other = await startWorker(t);
    const own = handlersOf(t, other);
    const name = await own.load(
      "slow.ts",
      handlerText(`log.info(process.pid); await new Promise((resolve) => {
        const timer = setTimeout(resolve, 60_000);
        signal.onabort = () => { clearTimeout(timer); resolve(undefined); };
      });`),
    );
    const run = await other.start(name);
    const pid = Number(await until("it runs", async () => (await other.output(run)) || undefined));
    await other.worker.stop(0);
    assert.equal((await other.find(run)).status, "queued");
    await until("its process is gone", () => !isRunning(pid));
  });
});
