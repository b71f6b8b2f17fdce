/**
 * How many signed deliveries a second are accepted: Longshore, which stores each durably before it answers, next to
 * `@octokit/webhooks`' middleware, which keeps it in memory, a bare `node:http` server with an HMAC, and the least that
 * stores.
 *
 * All are started once and measured in one run, one after the other, several rounds; what counts are the medians and the
 * ratios, because the machine is shared. node benchmarks/accept.ts [ROUNDS] [SECONDS]
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { formatTable } from "../src/lib/table.ts";
import { load, loadGenerator, type Measured, writeBodies } from "./load.ts";
import { cpuSeconds, type MeasuredServer, quantile, SECRET, startServer } from "./server.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 3);
/** The first seconds are the compiler's: a server that takes deliveries for weeks is a warm one. */
const WARM_SECONDS = 10;
const BODIES = 20_000;

interface Contender {
  name: string;
  script: string;
  args: string[];
  folder?: string;
}

interface Round extends Measured {
  cpuSeconds: number;
}

interface Running {
  contender: Contender;
  server: MeasuredServer;
  /** Requests, those of the warming included. */
  requests: number;
  rounds: Round[];
}

const folder = mkdtempSync(join(tmpdir(), "longshore-bench-"));
const bodies = join(folder, "bodies");
const size = writeBodies(bodies, SECRET, BODIES);

const contenders: Contender[] = [
  { name: "bare node:http + HMAC", script: path("./peers/bare.ts"), args: [] },
  { name: "@octokit/webhooks, in memory", script: path("./peers/octokit.ts"), args: [] },
  {
    name: "the least that stores, and a run",
    script: path("./peers/stored.ts"),
    args: [join(folder, "stored.db")],
  },
  longshore("longshore, stored, no hook matches", "issues", ["serve"]),
  longshore("longshore, stored with a queued run", "push", ["serve", "--only", "receiver"]),
];

try {
  console.log(
    `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${loadGenerator}, bodies of ${size} bytes`,
  );
  console.log(`${ROUNDS} rounds of ${SECONDS} s each\n`);
  report(await measureAll());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function longshore(name: string, event: string, args: string[]): Contender {
  const own = join(folder, event);
  mkdirSync(join(own, "hooks"), { recursive: true });
  writeFileSync(join(own, "hooks", "hook.yml"), `on: ${event}\nrun: "true"\n`);
  // Bodies come again under other GUIDs in later rounds; here that is no attack.
  // Nor is a long queue a full one.
  const settings = ["sources: { github: { replay-protection: off } }", "max-queued: 1000000000"];
  writeFileSync(join(own, "longshore.yml"), `${settings.join("\n")}\n`);
  return {
    name,
    script: path("../bin/longshore.js"),
    args: [...args, "--config", join(own, "longshore.yml")],
    folder: own,
  };
}

async function measureAll(): Promise<Running[]> {
  const all: Running[] = [];
  try {
    for (const contender of contenders) all.push(await start(contender));
    for (let round = 1; round <= ROUNDS; round++) for (const running of all) await measure(running, round);
  } finally {
    for (const { server } of all) await server.stop();
  }
  return all;
}

async function start(contender: Contender): Promise<Running> {
  const server = await startServer(contender.script, contender.args);
  const { requests } = await load(server.url, bodies, WARM_SECONDS, 0);
  return { contender, server, requests, rounds: [] };
}

async function measure(running: Running, round: number): Promise<void> {
  const { server } = running;
  const before = cpuSeconds(server.process);
  const measured = await load(server.url, bodies, SECONDS, round);
  running.rounds.push({ ...measured, cpuSeconds: cpuSeconds(server.process) - before });
  running.requests += measured.requests;
  await delay(200); // What the kernel still has to write is not the next one's fault.
}

function report(all: readonly Running[]): void {
  const rateOf = ({ rounds }: Running) => median(rounds.map(rate));
  const octokit = all.find(({ contender }) => contender.name.startsWith("@octokit"));
  const rows = all.map((running) => {
    const { contender, rounds, requests } = running;
    return [
      contender.name,
      rateOf(running).toFixed(0),
      (rateOf(running) / (octokit ? rateOf(octokit) : Number.NaN)).toFixed(2),
      median(rounds.map(({ p50Ms }) => p50Ms)).toFixed(1),
      median(rounds.map(({ p99Ms }) => p99Ms)).toFixed(1),
      median(rounds.map(({ maxMs }) => maxMs)).toFixed(0),
      median(rounds.map(({ cpuSeconds, requests }) => (cpuSeconds * 1e6) / requests)).toFixed(0),
      contender.folder ? (databaseBytes(contender.folder) / requests).toFixed(0) : "–",
      String(rounds.reduce((sum, { errors }) => sum + errors, 0)),
    ];
  });
  const heading = [
    "",
    "accepts/s",
    "÷ octokit",
    "p50 ms",
    "p99 ms",
    "max ms",
    "CPU µs",
    "bytes stored",
    "errors",
  ];
  console.log(formatTable([heading, ...rows]));
  for (const { contender, rounds } of all)
    console.log(`${contender.name}: ${rounds.map((round) => rate(round).toFixed(0)).join(" ")}`);
}

/** Of the whole database, indexes and all. */
function databaseBytes(own: string): number {
  return statSync(join(own, "data", "longshore.db")).size;
}

function rate({ requests, seconds }: Measured): number {
  return requests / seconds;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
