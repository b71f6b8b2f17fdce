/** The apps in `examples/`, each as a process with the packed Longshore. Run by `scripts/test-examples.ts`. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { freePort } from "../../benchmarks/server.ts";
import { type Overrides, samplePayload, signedRequest } from "../../src/testing.ts";
import { pushOfSize, SECRET } from "../support/github.ts";
import { until } from "../support/until.ts";

const folder = process.env.LONGSHORE_APPS ?? "";
const bin = (path: string) => join(folder, "node_modules", path);

interface App {
  url: string;
  printed(): string;
}

interface Example {
  /** The command and its arguments, from the folder of the examples. */
  start: (port: string) => string[];
  /** What says that it listens. */
  ready?: RegExp;
  cwd?: string;
  /** Whether it cannot know who connected, so that nobody is refused for that. */
  letsAnybodyIn?: boolean;
  /** Whether the rest of the app parses JSON at /echo. */
  echoes?: boolean;
}

const node = (name: string) => () => [process.execPath, `${name}/app.ts`];
const system = process.platform === "linux" ? "linux" : "darwin";
const bun = bin(`@oven/bun-${system}-${process.arch === "arm64" ? "aarch64" : "x64"}/bin/bun`);
const deno = bin(`@deno/${system}-${process.arch}${system === "linux" ? "-glibc" : ""}/deno`);

const EXAMPLES: Record<string, Example> = {
  http: { start: node("http") },
  express: { start: node("express"), echoes: true },
  fastify: { start: node("fastify"), echoes: true },
  hono: { start: node("hono") },
  koa: { start: node("koa") },
  next: {
    start: (port) => [process.execPath, bin("next/dist/bin/next"), "start", "--port", port],
    ready: /Ready/,
    cwd: "next",
    letsAnybodyIn: true,
  },
  bun: { start: () => [bun, "bun/app.js"] },
  deno: { start: () => [deno, "run", "-A", "--node-modules-dir=manual", "deno/app.js"] },
};

const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

async function start(
  name: string,
  { start: command, ready = /listening/, cwd = "." }: Example,
): Promise<App> {
  const port = String(await freePort());
  const [program = "", ...args] = command(port);
  const child = spawn(program, args, {
    cwd: join(folder, cwd),
    env: { ...process.env, PORT: port, GITHUB_WEBHOOK_SECRET: SECRET, NEXT_TELEMETRY_DISABLED: "1" },
  });
  children.add(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  await until(
    () => `${name} listens; it said: ${printed}`,
    () => ready.test(printed),
  );
  return { url: `http://127.0.0.1:${port}`, printed: () => printed };
}

describe("the types of the examples", () => {
  it("are right, with what the package declares", () => {
    const tsc = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", folder], { stdio: "inherit" });
  });
});

for (const name of ["bun", "deno"])
  assert.ok(existsSync(EXAMPLES[name]?.start("")[0] ?? ""), `${name} is installed`);

/** All at once: each waits for its runtime more than it works. */
const starting = new Map(Object.entries(EXAMPLES).map(([name, example]) => [name, start(name, example)]));

for (const [name, example] of Object.entries(EXAMPLES)) {
  describe(`the ${name} example`, async () => {
    const { url, printed } = (await starting.get(name)) as App;
    const send = async (event: string, overrides: Overrides = {}) => {
      const sent = signedRequest(event, { secret: SECRET, url: `${url}/github`, ...overrides });
      const answer = await fetch(sent);
      return { status: answer.status, text: await answer.text() };
    };

    it("calls its listener with a sample, as JSON and as a form", async () => {
      for (const form of [false, true]) {
        const { status, text } = await send("push", { guid: `g-${form}`, form });
        assert.deepEqual([status, text], [200, `{"delivery":"g-${form}","status":"succeeded"}\n`]);
      }
      await until("it has printed", () => printed().includes(`push to ${samplePayload("push").ref}`));
    });

    it("answers a ping with pong, and what nobody listens to with nothing", async () => {
      assert.deepEqual(await send("ping"), { status: 200, text: "pong" });
      assert.deepEqual(await send("issues.opened"), { status: 204, text: "" });
    });

    it("refuses what is not signed, signed otherwise, or not sent by POST", async () => {
      assert.equal((await send("push", { secret: "another secret of somebody" })).status, 403);
      assert.equal((await send("push", { secret: null })).status, 403);
      assert.equal((await send("push", { headers: { "x-hub-signature-256": undefined } })).status, 501);
      assert.equal((await send("push", { body: "[]" })).status, 400);
      assert.equal((await fetch(`${url}/github`)).status, 405);
    });

    if (!example.letsAnybodyIn)
      it("refuses whom it is told to by a proxy of this machine", async () => {
        const from = (address: string) => send("issues.opened", { headers: { "x-forwarded-for": address } });
        assert.equal((await from("203.0.113.9")).status, 403);
        assert.equal((await from("140.82.112.1")).status, 204);
      });

    if (example.echoes)
      it("parses JSON all the same in the rest of the app", async () => {
        const headers = { "content-type": "application/json" };
        const answer = await fetch(`${url}/echo`, { method: "POST", headers, body: '{"a":1}' });
        assert.deepEqual(await answer.json(), { a: 1 });
      });

    if (name === "express")
      it("takes 25 MiB, and not a byte more", async () => {
        const most = 25 * 1024 ** 2;
        assert.equal((await send("push", { body: pushOfSize(most) })).status, 200);
        assert.equal((await send("push", { body: pushOfSize(most + 1) })).status, 413);
      });
  });
}
