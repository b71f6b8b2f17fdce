import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { queryObjects } from "node:v8";
import { ownAccount } from "../../../src/run/account.ts";
import { Handler } from "../../../src/run/handlers/handler.ts";
import { HandlerPool } from "../../../src/run/handlers/pool.ts";
import { Spawner } from "../../../src/run/spawner.ts";
import { handlersOf, handlerText } from "../../support/handlers.ts";
import { isRunning } from "../../support/processes.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { until } from "../../support/until.ts";
import { startWorker } from "../../support/worker.ts";

const api = createServer((_, response) => response.setHeader("content-type", "application/json").end("{}"));
await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
after(() => api.close());

const githubApiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
const work = await startWorker({ after }, { githubApiUrl });
const handlers = handlersOf({ after }, work);

const PID = "log.info(process.pid);";
const perform = async (name: string) => work.ended(await work.start(name));

describe("a handler process", () => {
  it("performs one run after another, the first one in the process that has loaded the file", async () => {
    const name = await handlers.load("warm.ts", `const at = Date.now();\n${handlerText("log.info(at);")}`);
    const runs = [await perform(name), await perform(name), await perform(name)];
    assert.deepEqual(new Set(runs.map(({ status }) => status)), new Set(["succeeded"]));
    assert.equal(new Set(runs.map(({ stdout }) => stdout)).size, 1);
    assert.ok(Number(runs[0]?.stdout) < (runs[0]?.startedAt ?? 0));
  });

  it("leaves nothing of its runs behind in the worker", async (t) => {
    const folder = temporaryFolder(t);
    handlers.write("many.ts", handlerText(""));
    writeFileSync(join(folder, "event.json"), "{}");
    const handler = new Handler(work.spawner, ownAccount());
    t.after(() => handler.end());
    await handler.load(join(handlers.folder, "many.ts"));
    const [action, repository, ref, sha, sender] = [null, null, null, null, null];
    const delivery = { id: 1, guid: "g", source: "github", event: "push", receivedAt: 0 };
    const run = {
      delivery: { ...delivery, action, repository, ref, sha, sender },
      payloadFile: join(folder, "event.json"),
      env: {},
      folder,
    };
    const promises = () => queryObjects(Promise, { format: "count" });
    const before = promises();
    for (let n = 0; n < 50; n++) {
      const end = await handler.perform(run, folder, () => {});
      assert.ok("isClean" in end && end.isClean);
    }
    assert.ok(promises() - before < 50, "fewer than one promise for each run");
  });

  it("stays warm after a run that is skipped, and one that used the API's client", async () => {
    const body = `${PID} const { octokit } = rest; await octokit.request("GET /");`;
    const name = await handlers.load(
      "kept.ts",
      handlerText(body, `if: ({ payload }) => (console.log(process.pid), payload.ref !== "refs/heads/no"),`),
    );
    const skipped = await work.ended(await work.start(name, { payload: { ref: "refs/heads/no" } }));
    assert.equal(skipped.status, "skipped");
    const first = await perform(name);
    const second = await perform(name);
    assert.equal(first.stdout, skipped.stdout.repeat(2));
    assert.equal(second.stdout, first.stdout);
  });

  it("performs one run at a time: what runs beside it has a process of its own", async () => {
    const name = await handlers.load(
      "beside.ts",
      handlerText(
        `${PID} while (!fs.existsSync(env.GO)) await new Promise((r) => setTimeout(r, 10));`,
        `env: { GO: "${handlers.folder}/go" },`,
      ).replace("import", `import fs from "node:fs";\nimport`),
    );
    const runs = [await work.start(name), await work.start(name)];
    const pids = await Promise.all(
      runs.map((run) => until("it runs", async () => (await work.output(run)) || undefined)),
    );
    handlers.write("go", "");
    for (const run of runs) assert.equal((await work.ended(run)).status, "succeeded");
    assert.notEqual(pids[0], pids[1]);
    assert.ok(pids.includes((await perform(name)).stdout));
  });
});

describe("a handler file that changes", () => {
  it("gets a new process, and the old one ends", async () => {
    const name = await handlers.load("change.ts", handlerText(PID));
    const { stdout: pid } = await perform(name);
    await handlers.load("change.ts", handlerText(`log.info("new");`));
    assert.equal((await perform(name)).stdout, "new\n");
    await until("the old process is gone", () => !isRunning(Number(pid)));
  });

  it("keeps its process when it says the same as before", async () => {
    const name = await handlers.load("touch.ts", handlerText(PID));
    const { stdout } = await perform(name);
    await handlers.load("touch.ts", handlerText(PID));
    const next = await perform(name);
    assert.equal(next.status, "succeeded");
    assert.ok(isRunning(Number(stdout)) || isRunning(Number(next.stdout)));
  });

  it("is what it was when it was loaded, also in a new process after it is broken or gone", async () => {
    handlers.write("_part.ts", "export const part: string = 'old part';");
    handlers.write("_old.cjs", "exports.kind = 'old kind';");
    const imports = `import { part } from "./_part.ts";\nimport { kind } from "./_old.cjs";\n`;
    const name = await handlers.load(
      "last-good.ts",
      imports + handlerText(`log.info(part, kind, process.pid); process.exit();`),
    );
    const first = await perform(name);
    handlers.write("last-good.ts", "this is no TypeScript");
    rmSync(join(handlers.folder, "_part.ts"));
    rmSync(join(handlers.folder, "_old.cjs"));
    const second = await perform(name);
    assert.match(first.stdout, /^old part old kind \d+\n$/);
    assert.match(second.stdout, /^old part old kind \d+\n$/);
    assert.notEqual(first.stdout, second.stdout);
  });
});

describe("idle handler processes", () => {
  const pool = (
    t: { after(action: () => unknown): void },
    options: ConstructorParameters<typeof HandlerPool>[1],
  ) => {
    const spawner = new Spawner();
    t.after(() => spawner.close());
    return new HandlerPool(spawner, options);
  };
  const read = async (from: HandlerPool, file: string) => {
    const answer = await from.read(join(handlers.folder, file));
    assert.ok("code" in answer);
    return answer.code;
  };

  it("end after a while", async (t) => {
    const idle = pool(t, { maxIdle: 2, idleMs: 100 });
    handlers.write("idle.ts", handlerText(PID));
    const code = await read(idle, "idle.ts");
    const handler = idle.take(code, ownAccount());
    assert.equal(await handler.load("", code), undefined);
    idle.giveBack(handler, "idle.ts", code.version);
    assert.deepEqual(await handler.exit, { exitCode: null, signal: "SIGKILL" });
    assert.notEqual(idle.take(code, ownAccount()), handler);
  });

  it("are so many and no more: the one that has waited longest ends", async (t) => {
    const idle = pool(t, { maxIdle: 2 });
    const codes = [];
    for (const n of [1, 2, 3]) {
      handlers.write(`many-${n}.ts`, handlerText(`log.info(${n});`));
      codes.push(await read(idle, `many-${n}.ts`));
    }
    const isWarm = await Promise.all(
      codes.map(
        async (code) =>
          (await idle.take(code, ownAccount()).load("/no/such/file", { ...code, modules: [] })) === undefined,
      ),
    );
    assert.deepEqual(isWarm, [false, true, true]);
  });

  it("end with the worker", async (t) => {
    const idle = pool(t, { maxIdle: 2 });
    handlers.write("closing.ts", handlerText(PID));
    const code = await read(idle, "closing.ts");
    const handler = idle.take(code, ownAccount());
    idle.giveBack(handler, "closing.ts", code.version);
    await idle.close();
    assert.equal(handler.isAlive, false);
  });
});

describe("a handler process whose spawner dies", () => {
  it("interrupts its run, which is performed once more in another one", async () => {
    const name = await handlers.load(
      "spawner.ts",
      handlerText(
        `log.info(process.ppid); if (env.LONGSHORE_ATTEMPT === "1") await new Promise((r) => setTimeout(r, 60_000));`,
      ),
    );
    const run = await work.start(name);
    const ppid = Number(await until("it runs", async () => (await work.output(run)) || undefined));
    process.kill(ppid, "SIGKILL");
    const { status, attempt } = await work.ended(run);
    assert.deepEqual([status, attempt], ["succeeded", 2]);
  });
});
