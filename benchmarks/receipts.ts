/**
 * How many signed deliveries a second an app receives in memory: the library's `createReceiver` next to
 * `@octokit/webhooks`' middleware, each mounted in `node:http` with one listener, and a bare server with an HMAC and a
 * parser as the floor: no receiver can be faster than that. The same bodies for all.
 *
 * All are measured in one run, one after the other, several rounds, each round beginning with another one; what counts
 * are the medians and the ratios, because the machine is shared. node benchmarks/receipts.ts [ROUNDS] [SECONDS]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatTable } from "../src/lib/table.ts";
import { load, loadGenerator, type Measured, writeBodies } from "./load.ts";
import { cpuSeconds, quantile, SECRET, startServer } from "./server.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 3);
/** The first seconds are the compiler's. */
const WARM_SECONDS = 2;
const BODIES = 20_000;
/** Of those that the peer receives in the same time. */
const GOAL = 1.5;

interface Contender {
  name: string;
  script: string;
  args?: string[];
}

interface Round extends Measured {
  cpuSeconds: number;
}

const OCTOKIT: Contender = { name: "@octokit/webhooks", script: "./peers/octokit.ts" };
const LONGSHORE: Contender = { name: "longshore, createReceiver", script: "./peers/receiver.ts" };
const CONTENDERS: Contender[] = [
  { name: "bare node:http + HMAC", script: "./peers/bare.ts" },
  { name: "the same + JSON.parse", script: "./peers/bare.ts", args: ["parse"] },
  OCTOKIT,
  LONGSHORE,
];

const folder = mkdtempSync(join(tmpdir(), "longshore-bench-"));
try {
  const bodies = join(folder, "bodies");
  const size = writeBodies(bodies, SECRET, BODIES);
  console.log(
    `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${loadGenerator}, bodies of ${size} bytes`,
  );
  console.log(`${ROUNDS} rounds of ${SECONDS} s each\n`);
  const rounds = new Map(CONTENDERS.map((contender) => [contender, [] as Round[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (let turn = 0; turn < CONTENDERS.length; turn++) {
      const contender = CONTENDERS[(round + turn) % CONTENDERS.length] as Contender;
      rounds.get(contender)?.push(await measure(contender, bodies, round));
    }
  report(rounds);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure({ script, args = [] }: Contender, bodies: string, round: number): Promise<Round> {
  const server = await startServer(fileURLToPath(new URL(script, import.meta.url)), args);
  try {
    await load(server.url, bodies, WARM_SECONDS, 1_000 + round);
    const before = cpuSeconds(server.process);
    const measured = await load(server.url, bodies, SECONDS, round);
    return { ...measured, cpuSeconds: cpuSeconds(server.process) - before };
  } finally {
    await server.stop();
  }
}

function report(rounds: ReadonlyMap<Contender, Round[]>): void {
  const octokit = rateOf(rounds.get(OCTOKIT));
  const rows = [...rounds].map(([{ name }, all]) => [
    name,
    rateOf(all).toFixed(0),
    (rateOf(all) / octokit).toFixed(2),
    median(all.map(({ p50Ms }) => p50Ms)).toFixed(1),
    median(all.map(({ p99Ms }) => p99Ms)).toFixed(1),
    median(all.map((round) => (round.cpuSeconds * 1e6) / round.requests)).toFixed(0),
    String(all.reduce((sum, { errors }) => sum + errors, 0)),
  ]);
  console.log(
    formatTable([["", "receipts/s", "÷ octokit", "p50 ms", "p99 ms", "CPU µs", "errors"], ...rows]),
  );
  for (const [{ name }, all] of rounds) console.log(`${name}: ${all.map((round) => rate(round)).join(" ")}`);
  const reached = rateOf(rounds.get(LONGSHORE)) / octokit;
  console.log(`\ngoal: ${GOAL} times the peer; reached: ${reached.toFixed(2)}`);
}

function rateOf(rounds: readonly Round[] = []): number {
  return median(rounds.map(rate));
}

function rate({ requests, seconds }: Measured): number {
  return Math.round(requests / seconds);
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
