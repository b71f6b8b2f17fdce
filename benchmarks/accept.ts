/**
 * How many signed deliveries a second are accepted: Longshore, which stores each durably before it answers, next to
 * `@octokit/webhooks`' middleware, which keeps it in memory, and a bare `node:http` server with an HMAC.
 *
 * All are measured in one run, one after the other, several rounds; what counts are the medians and the ratios, because
 * the machine is shared. node benchmarks/accept.ts [ROUNDS] [SECONDS]
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { formatTable } from "../src/lib/table.ts";
import { load, loadGenerator, type Measured, writeBodies } from "./load.ts";
import { cpuSeconds, quantile, SECRET, startServer } from "./server.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 3);
/** The first seconds are the compiler's. */
const WARM_SECONDS = 3;
const BODIES = 20_000;

interface Contender {
  name: string;
  script: string;
  args: string[];
  folder?: string;
}

interface Round extends Measured {
  cpuSeconds: number;
  /** Requests, those of the warming included. */
  all: number;
}

const folder = mkdtempSync(join(tmpdir(), "longshore-bench-"));
const bodies = join(folder, "bodies");
const size = writeBodies(bodies, SECRET, BODIES);

const contenders: Contender[] = [
  { name: "bare node:http + HMAC", script: path("./peers/bare.ts"), args: [] },
  { name: "@octokit/webhooks, in memory", script: path("./peers/octokit.ts"), args: [] },
  longshore("longshore, stored, no hook matches", "issues", ["serve"]),
  longshore("longshore, stored with a queued run", "push", ["serve", "--only", "receiver"]),
];

try {
  console.log(
    `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${loadGenerator}, bodies of ${size} bytes`,
  );
  console.log(`${ROUNDS} rounds of ${SECONDS} s each\n`);
  const rounds = new Map(contenders.map((contender) => [contender, [] as Round[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of contenders) rounds.get(contender)?.push(await measure(contender, round));
  }
  report(rounds);
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

async function measure(contender: Contender, round: number): Promise<Round> {
  const server = await startServer(contender.script, contender.args);
  try {
    const warming = await load(server.url, bodies, WARM_SECONDS, 1_000 + round);
    const before = cpuSeconds(server.process);
    const measured = await load(server.url, bodies, SECONDS, round);
    const all = warming.requests + measured.requests;
    return { ...measured, all, cpuSeconds: cpuSeconds(server.process) - before };
  } finally {
    await server.stop();
    await delay(200); // What the kernel still has to write is not the next one's fault.
  }
}

function report(rounds: ReadonlyMap<Contender, Round[]>): void {
  const rates = new Map([...rounds].map(([contender, all]) => [contender, median(all.map(rate))]));
  const octokit = [...rates].find(([{ name }]) => name.startsWith("@octokit"))?.[1] ?? Number.NaN;
  const rows = [...rounds].map(([contender, all]) => {
    const stored = contender.folder ? storedBytes(contender.folder, all) : "–";
    return [
      contender.name,
      (rates.get(contender) ?? 0).toFixed(0),
      ((rates.get(contender) ?? 0) / octokit).toFixed(2),
      median(all.map(({ p50Ms }) => p50Ms)).toFixed(1),
      median(all.map(({ p99Ms }) => p99Ms)).toFixed(1),
      median(all.map(({ maxMs }) => maxMs)).toFixed(0),
      median(all.map(({ cpuSeconds, requests }) => (cpuSeconds * 1e6) / requests)).toFixed(0),
      stored,
      String(all.reduce((sum, { errors }) => sum + errors, 0)),
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
  for (const [{ name }, all] of rounds)
    console.log(`${name}: ${all.map((round) => rate(round).toFixed(0)).join(" ")}`);
}

function rate({ requests, seconds }: Measured): number {
  return requests / seconds;
}

/** Of the whole database, indexes and all, for each delivery in it. */
function storedBytes(own: string, all: readonly Round[]): string {
  const bytes = statSync(join(own, "data", "longshore.db")).size;
  return (bytes / all.reduce((sum, round) => sum + round.all, 0)).toFixed(0);
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
