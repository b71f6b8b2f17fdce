/**
 * How fast runs are performed, next to adnanh/webhook, which starts a command for each request and keeps nothing.
 *
 * - Runs a second: a script that adds a byte to a file. Longshore gets its queue first, and then a worker; adnanh/webhook
 *   is sent requests as fast as it takes them. What counts is how many bytes there are, and how long that took.
 * - From accept to start: deliveries one after the other, on a server that does nothing else.
 * - Small deliveries, one after the other, on a server that does nothing else and on one that performs runs at full rate.
 *
 * node benchmarks/runs.ts [ROUNDS] [RUNS]
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sign } from "../src/lib/signature.ts";
import { formatTable } from "../src/lib/table.ts";
import { load, writeBodies } from "./load.ts";
import { freePort, quantile, SECRET, startServer } from "./server.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const RUNS = Number(process.argv[3] ?? 1_500);
const PROBES = 400;
const MAIN = fileURLToPath(new URL("../bin/longshore.js", import.meta.url));

const root = mkdtempSync(join(tmpdir(), "longshore-bench-"));
const bodies = join(root, "bodies");
writeBodies(bodies, SECRET, 5_000);

/** What performs a script that adds a byte to the file; returns runs a second. */
type Contender = (folder: string, count: string) => Promise<number>;

const SCRIPT = (count: string) => `#!/bin/sh\nprintf x >> ${count}\n`;

const HOOKS: Record<string, (count: string) => [file: string, text: string]> = {
  "longshore, an executable": (count) => ["push", SCRIPT(count)],
  "longshore, `run` with `shell: sh`": (count) => [
    "count.yml",
    `on: push\nshell: sh\nrun: printf x >> ${count}\n`,
  ],
  "longshore, `run`": (count) => ["count.yml", `on: push\nrun: printf x >> ${count}\n`],
  "longshore, a handler": (count) => [
    "count.ts",
    `import { appendFileSync } from "node:fs";\nimport { defineHook } from "longshore";\nexport default defineHook({ on: "push", run() { appendFileSync(${JSON.stringify(count)}, "x"); } });\n`,
  ],
};

try {
  const contenders: [string, Contender][] = [
    ...(spawnSync("webhook", ["-version"]).error ? [] : [["adnanh/webhook", adnanh] as [string, Contender]]),
    ...Object.entries(HOOKS).map(([name, hook]): [string, Contender] => [name, longshore(hook)]),
  ];
  const rates = new Map(contenders.map(([name]) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, contender] of contenders) rates.get(name)?.push(await inFolder(contender));
  reportRates(rates);
  const starts: number[][] = [];
  const idle: number[] = [];
  const busy: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const probe = await probes();
    starts.push(probe.starts);
    idle.push(quantile(probe.idle, 0.99));
    busy.push(quantile(probe.busy, 0.99));
  }
  const startOf = (part: number) => median(starts.map((all) => quantile(all, part)));
  console.log(
    `\nfrom accept to start: p50 ${startOf(0.5).toFixed(0)} ms, p99 ${startOf(0.99).toFixed(0)} ms`,
  );
  const ratios = idle.map((ms, round) => (busy[round] ?? Number.NaN) / ms);
  console.log(
    `accept p99: ${median(idle).toFixed(1)} ms idle, ${median(busy).toFixed(1)} ms beside runs at full rate, ÷ ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(" ")})`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}

async function inFolder(contender: Contender): Promise<number> {
  const folder = mkdtempSync(join(root, "round-"));
  const count = join(folder, "count");
  writeFileSync(count, "");
  try {
    return await contender(folder, count);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function adnanh(folder: string, count: string): Promise<number> {
  const script = join(folder, "count.sh");
  writeFileSync(script, SCRIPT(count));
  chmodSync(script, 0o755);
  const signature = { source: "header", name: "X-Hub-Signature-256" };
  const rule = { match: { type: "payload-hmac-sha256", secret: SECRET, parameter: signature } };
  const hook = { id: "github", "execute-command": script, "trigger-rule": rule };
  writeFileSync(join(folder, "hooks.json"), JSON.stringify([hook]));
  const port = await freePort();
  const args = ["-hooks", join(folder, "hooks.json"), "-ip", "127.0.0.1", "-port", String(port)];
  const child = spawn("webhook", args, { stdio: "ignore" });
  try {
    await answers(`http://127.0.0.1:${port}/`);
    const began = performance.now();
    await load(`http://127.0.0.1:${port}/hooks/github`, bodies, 3, 0);
    const executed = await settled(count);
    return executed.bytes / ((executed.at - began) / 1_000);
  } finally {
    await end(child);
  }
}

function longshore(hook: (count: string) => [file: string, text: string]): Contender {
  return async (folder, count) => {
    const config = longshoreIn(folder, hook(count));
    const receiver = await startServer(MAIN, ["serve", "--only", "receiver", "--config", config]);
    await sendAll(receiver.url, RUNS);
    await receiver.stop();
    const worker = await startServer(MAIN, ["serve", "--only", "worker", "--config", config]);
    await until(() => statSync(count).size >= RUNS);
    await worker.stop();
    const { first, last } = query(
      folder,
      "select min(started_at) as first, max(finished_at) as last from runs",
    );
    return RUNS / ((Number(last) - Number(first)) / 1_000);
  };
}

function longshoreIn(folder: string, [file, text]: [string, string]): string {
  mkdirSync(join(folder, "hooks"), { recursive: true });
  writeFileSync(join(folder, "hooks", file), text);
  if (file === "push") chmodSync(join(folder, "hooks", file), 0o755);
  const config = join(folder, "longshore.yml");
  writeFileSync(config, "sources: { github: { replay-protection: off } }\n");
  return config;
}

/** How long a delivery takes beside nothing and beside runs, and how long its run waits. */
async function probes(): Promise<{ idle: number[]; busy: number[]; starts: number[] }> {
  const folder = mkdtempSync(join(root, "probe-"));
  const config = longshoreIn(folder, ["work.yml", 'on: push\nrun: "true"\n']);
  const server = await startServer(MAIN, ["serve", "--config", config]);
  try {
    await sendAll(server.url, 50);
    await drained(folder);
    const idle = await latencies(server.url, "issues", PROBES);
    await latencies(server.url, "push", 100, 100);
    await drained(folder);
    const rows =
      "select started_at - received_at as ms from runs join deliveries on deliveries.id = delivery_id";
    const starts = queryAll(folder, `${rows} order by runs.id desc limit 100`).map(({ ms }) => Number(ms));
    await sendAll(server.url, RUNS);
    const busy = await latencies(server.url, "issues", PROBES);
    const { waiting } = query(folder, "select count(*) as waiting from runs where status = 'queued'");
    if (waiting === 0) console.log("the queue was empty before the probes were: take more runs");
    return { idle, busy, starts };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function send(url: string, event: string): Promise<void> {
  const body = JSON.stringify({
    unique: crypto.randomUUID(),
    repository: { full_name: "acme/site" },
    ref: "refs/heads/main",
  });
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "user-agent": "bench",
      "x-github-event": event,
      "x-github-delivery": crypto.randomUUID(),
      "x-hub-signature-256": sign(SECRET, body),
    },
  });
  await response.text();
  if (!response.ok) throw new Error(`a delivery was answered with ${response.status}`);
}

async function sendAll(url: string, count: number): Promise<void> {
  const one = async () => {
    for (let left = count / 10; left > 0; left--) await send(url, "push");
  };
  await Promise.all(Array.from({ length: 10 }, one));
}

async function latencies(url: string, event: string, count: number, pauseMs = 0): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < count; n++) {
    const began = performance.now();
    await send(url, event);
    all.push(performance.now() - began);
    if (pauseMs > 0) await delay(pauseMs);
  }
  return all;
}

function drained(folder: string): Promise<void> {
  return until(() => query(folder, "select count(*) as left from runs where finished_at is null").left === 0);
}

/** The size of the file once it grows no more, and when it was reached. */
async function settled(file: string): Promise<{ bytes: number; at: number }> {
  let last = { bytes: -1, at: 0 };
  for (;;) {
    const bytes = existsSync(file) ? statSync(file).size : 0;
    if (bytes !== last.bytes) last = { bytes, at: performance.now() };
    else if (performance.now() - last.at > 1_000) return last;
    await delay(5);
  }
}

function query(folder: string, sql: string): Record<string, unknown> {
  return queryAll(folder, sql)[0] ?? {};
}

function queryAll(folder: string, sql: string): Record<string, unknown>[] {
  const db = new DatabaseSync(join(folder, "data", "longshore.db"), { readOnly: true, timeout: 5_000 });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

async function answers(url: string): Promise<void> {
  await until(async () => (await fetch(url).catch(() => undefined)) !== undefined);
}

async function until(ask: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await ask())) await delay(10);
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

function reportRates(rates: ReadonlyMap<string, number[]>): void {
  const peer = median(rates.get("adnanh/webhook") ?? []);
  const rows = [...rates].map(([name, all]) => [
    name,
    median(all).toFixed(0),
    (median(all) / peer).toFixed(2),
    all.map((rate) => rate.toFixed(0)).join(" "),
  ]);
  console.log(formatTable([["", "runs/s", "÷ adnanh", "rounds"], ...rows]));
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
