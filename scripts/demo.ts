/**
 * `npm run demo`: one round through Longshore with the real program in a temporary folder. A delivery becomes two runs,
 * one of which fails; a forged one is refused; a redelivery tries again what failed, and only that.
 *
 * Every step is checked. When one does not do what it should, the server's log is printed and the exit code is 1.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";

const MAIN = fileURLToPath(new URL("../bin/longshore.js", import.meta.url));
const GIVE_UP_AFTER_MS = 20_000;

/** Fails once and then succeeds, as a deployment does whose disk is full in the morning and tidied up at noon. */
const DEPLOY = `on:
  push:
    branches: [main]
working-directory: ..
run: |
  echo "deploying $GITHUB_SHA of $GITHUB_REPOSITORY"
  test -e tidied-up || { touch tidied-up; echo "no space left" >&2; exit 1; }
  echo "deployed"
`;

interface Result {
  code: number | null;
  output: string;
}

const folder = mkdtempSync(join(tmpdir(), "longshore-demo-"));
const environment = {
  PATH: process.env.PATH,
  FORCE_COLOR: process.stdout.isTTY ? "1" : "0",
  LONGSHORE_LISTEN: `127.0.0.1:${await freePort()}`,
  LONGSHORE_ADMIN_LISTEN: "off",
  LONGSHORE_MIN_FREE_DISK: "0",
};
let server: ChildProcess | undefined;
let serverLog = "";

try {
  await tellTheStory();
  say("That was all of it. docs/guides/first-hook.md goes on from here with your own repository.");
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`\n${styleText("red", message)}\n\n--- the server's log ---\n${serverLog}`);
  process.exitCode = 1;
} finally {
  if (server && server.exitCode === null) {
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}

async function tellTheStory(): Promise<void> {
  say("A folder gets its settings, a first hook and a secret.");
  assert.match(await succeed("init"), /wrote hooks\/hello\.yml/);

  say("A second hook, hooks/deploy.yml, is for pushes to main. It will fail the first time.");
  writeFileSync(join(folder, "hooks/deploy.yml"), DEPLOY);
  console.log(indented(DEPLOY));
  assert.match(await succeed("check"), /2 hooks in hooks: no errors/);

  say("The server starts.");
  await serve();

  say("GitHub delivers a push. It is stored with one run for each hook, and only then answered.");
  const push = ["send", "push", "--repo", "acme/site", "--branch", "main", "--guid", randomUUID()];
  assert.match(await succeed(...push), /202 .*\n.*"runs":\[1,2\]/);
  await runsHaveEnded(2);
  assert.match(await succeed("deliveries", "list"), /acme\/site/);
  const runs = await succeed("runs", "list");
  assert.match(runs, /hello +succeeded/);
  const failed = /^(\d+) +deploy +failed/m.exec(runs)?.[1];
  assert.ok(failed, "the hook `deploy` has not failed");

  say("Why did it fail?");
  assert.match(await succeed("runs", "logs", failed), /no space left/);

  say(
    "Somebody who does not know the secret sends a push as well. It is refused, and nothing of it is stored.",
  );
  const forged = await longshore(...push.slice(0, -2), "--secret", "a guess of a stranger");
  assert.equal(forged.code, 1, "a forged delivery must make `send` fail");
  assert.match(forged.output, /403 .*\n.*signature_mismatch/);
  await until("the refusal is kept", async () =>
    /mismatch/.test((await quietly("deliveries", "refused")).output),
  );
  assert.match(await succeed("deliveries", "refused"), /signature_mismatch/);

  say("GitHub's Redeliver button sends the first delivery again. Only the hook that failed runs again.");
  assert.match(await succeed(...push), /202 .*\n.*"duplicate":true,"runs":\[3\]/);
  await runsHaveEnded(3);
  assert.match(await succeed("runs", "list"), /^3 +deploy +succeeded/m);

  say("The server stops when it is asked to.");
  await stop();
}

function say(text: string): void {
  console.log(`${styleText("cyan", text)}\n`);
}

/** Runs a command, shows it with what it printed, and returns that. */
async function longshore(...args: string[]): Promise<Result> {
  console.log(styleText("bold", `$ longshore ${args.map(quoted).join(" ")}`));
  const result = await quietly(...args);
  console.log(indented(result.output));
  return result;
}

async function succeed(...args: string[]): Promise<string> {
  const { code, output } = await longshore(...args);
  assert.equal(code, 0, `longshore ${args.join(" ")} ended with exit code ${code}`);
  return output;
}

async function quietly(...args: string[]): Promise<Result> {
  const child = start(args);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

async function serve(): Promise<void> {
  console.log(styleText("bold", "$ longshore serve"));
  server = start(["serve"]);
  let welcome = "";
  server.stdout?.setEncoding("utf8").on("data", (text: string) => {
    welcome += text;
  });
  server.stderr?.setEncoding("utf8").on("data", (text: string) => {
    serverLog += text;
  });
  await until("the server is ready", () => {
    assert.ok(server?.exitCode === null, "the server did not start");
    return welcome.includes("Try it:");
  });
  console.log(indented(welcome));
}

async function stop(): Promise<void> {
  assert.ok(server, "there is no server");
  console.log(styleText("bold", "$ kill -TERM …"));
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  const [code] = (await ended) as [number | null];
  assert.equal(code, 0, `the server ended with exit code ${code}`);
  console.log(indented("It let its runs finish and ended with exit code 0."));
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function runsHaveEnded(count: number): Promise<void> {
  await until(`${count} runs have ended`, async () => {
    const { output } = await quietly("runs", "list", "--json");
    const { items } = JSON.parse(output) as { items: { finishedAt: string | null }[] };
    return items.length === count && items.every(({ finishedAt }) => finishedAt !== null);
  });
}

async function until(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  while (!(await ask())) {
    assert.ok(performance.now() < deadline, `waited in vain until ${what}`);
    await delay(50);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

function quoted(word: string): string {
  return word.includes(" ") ? `'${word}'` : word;
}

function indented(text: string): string {
  return `${text.trimEnd().replaceAll(/^(?=.)/gm, "  ")}\n`;
}
