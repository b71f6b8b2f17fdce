/**
 * PostgreSQL beside SQLite: the same server and the same store on each, empty and with many deliveries and runs in them.
 *
 * - Accepts a second, of a server that only receives, with one hook that matches.
 * - Claims a second: by one worker, and by four at once, each four runs at a time, which it also ends.
 * - From accept to start: deliveries one after the other, on a server that does nothing else.
 *
 * PostgreSQL is the one from npm, on the same machine and disk, with its own settings. node benchmarks/databases.ts [ROUNDS]
 * [DELIVERIES]
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sign } from "../src/lib/signature.ts";
import { formatTable } from "../src/lib/table.ts";
import { finishRun } from "../src/store/run-ends.ts";
import { claimRuns } from "../src/store/run-queue.ts";
import { openStore, type Store } from "../src/store/store.ts";
import { createDatabase, startPostgres } from "../test/support/postgres.ts";
import { accept, endAll, fill, HOOKS } from "./fill.ts";
import { load, writeBodies } from "./load.ts";
import { quantile, SECRET, startServer } from "./server.ts";

const ROUNDS = Number(process.argv[2] ?? 3);
const DELIVERIES = Number(process.argv[3] ?? 1_000_000);
const SECONDS = 3;
const CLAIMS = 2_000;
const PROBES = 100;
const SUCCEEDED = { status: "succeeded", exitCode: 0, signal: null, reason: null } as const;
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

interface Figures {
  accepts: number;
  claims: number;
  claimsOfFour: number;
  startsMs: number[];
}

const root = mkdtempSync(join(tmpdir(), "longshore-bench-"));
const ends: (() => unknown)[] = [];
const bodies = join(root, "bodies");
writeBodies(bodies, SECRET, 20_000);

try {
  const postgres = await startPostgres({ after: (end) => ends.push(end) }, { isDurable: true });
  const databases: [string, () => Promise<string>][] = [
    ["SQLite", async () => `sqlite:${join(mkdtempSync(join(root, "sqlite-")), "longshore.db")}`],
    ["PostgreSQL", () => createDatabase(postgres.url)],
  ];
  const rows: string[][] = [];
  for (const [name, make] of databases) {
    const database = await make();
    rows.push(rowOf(`${name}, empty`, await measureOften(database)));
    const startedAt = performance.now();
    const bytes = await fill(pathOf(database), DELIVERIES);
    const seconds = (performance.now() - startedAt) / 1_000;
    console.log(`${name}: ${DELIVERIES} deliveries stored in ${seconds.toFixed(0)} s, ${bytes} bytes each`);
    rows.push(rowOf(`${name}, with ${DELIVERIES}`, await measureOften(database)));
  }
  const heading = ["", "accepts/s", "claims/s", "claims/s by four", "start p50 ms", "start p99 ms"];
  console.log(formatTable([heading, ...rows]));
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(root, { recursive: true, force: true });
}

/** As `openStore` takes it. */
function pathOf(database: string): string {
  return database.replace(/^sqlite:/, "");
}

async function withStore<T>(database: string, action: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(pathOf(database), { connections: 8 });
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}

async function measureOften(database: string): Promise<Figures[]> {
  const all: Figures[] = [];
  for (let round = 0; round < ROUNDS; round++)
    all.push({
      accepts: await measureAccepts(database, round),
      ...(await withStore(database, measureClaims)),
      startsMs: await measureStarts(database),
    });
  return all;
}

async function measureAccepts(database: string, round: number): Promise<number> {
  const server = await startServer(MAIN, ["serve", "--only", "receiver", "--config", settingsFor(database)]);
  try {
    await load(server.url, bodies, SECONDS, 1_000 + round);
    const { requests, seconds } = await load(server.url, bodies, SECONDS, round);
    return requests / seconds;
  } finally {
    await server.stop();
    await withStore(database, endAll);
  }
}

async function measureClaims(store: Store): Promise<Pick<Figures, "claims" | "claimsOfFour">> {
  const rate = async (workers: number) => {
    await accept(store, CLAIMS);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: workers }, (_, index) => work(store, `w${index}`)));
    return CLAIMS / ((performance.now() - startedAt) / 1_000);
  };
  return { claims: await rate(1), claimsOfFour: await rate(4) };
}

/** Until nothing waits. */
async function work({ db }: Store, worker: string): Promise<void> {
  for (let turn = 0; ; turn++) {
    const first = turn % HOOKS.length;
    const hooks = [...HOOKS.slice(first), ...HOOKS.slice(0, first)];
    const runs = await claimRuns(db, { worker, hooks, limit: 4, now: Date.now(), leaseMs: 60_000 });
    if (runs.length === 0) return;
    for (const run of runs) await finishRun(db, { ...run, worker }, SUCCEEDED, Date.now());
  }
}

async function measureStarts(database: string): Promise<number[]> {
  const server = await startServer(MAIN, ["serve", "--config", settingsFor(database)]);
  try {
    return await withStore(database, async (store) => {
      const starts: number[] = [];
      for (let sent = 0; sent < PROBES; sent++) starts.push(await startOf(store, await send(server.url)));
      return starts;
    });
  } finally {
    await server.stop();
  }
}

/** Milliseconds from the accept of a run to its start; waits for its end, so that the next one finds everybody idle. */
async function startOf({ db }: Store, run: number): Promise<number> {
  for (;;) {
    const row = await db.selectFrom("runs").selectAll().where("id", "=", run).executeTakeFirstOrThrow();
    if (row.finished_at !== null) return (row.started_at ?? 0) - row.queued_at;
    await delay(5);
  }
}

/** A folder with one hook for pushes. */
function settingsFor(database: string): string {
  const folder = mkdtempSync(join(root, "server-"));
  mkdirSync(join(folder, "hooks"));
  writeFileSync(join(folder, "hooks", "hook-0.yml"), 'on: push\nrun: "true"\n');
  const file = join(folder, "longshore.yml");
  writeFileSync(
    file,
    `database: ${database}\nsources: { github: { replay-protection: off } }\nmax-queued: 1000000000\nretention: forever\n`,
  );
  return file;
}

/** Returns the number of the run that it starts. */
async function send(url: string): Promise<number> {
  const body = JSON.stringify({ unique: randomUUID(), repository: { full_name: "acme/site" } });
  const headers = {
    "content-type": "application/json",
    "user-agent": "bench",
    "x-github-event": "push",
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": sign(SECRET, body),
  };
  const answer = await fetch(url, { method: "POST", body, headers });
  if (answer.status !== 202) throw new Error(`a delivery was answered with ${answer.status}`);
  const { runs } = (await answer.json()) as { runs: [number] };
  return runs[0];
}

function rowOf(name: string, all: readonly Figures[]): string[] {
  const median = (of: (figures: Figures) => number) => quantile(all.map(of), 0.5);
  return [
    name,
    median(({ accepts }) => accepts).toFixed(0),
    median(({ claims }) => claims).toFixed(0),
    median(({ claimsOfFour }) => claimsOfFour).toFixed(0),
    median(({ startsMs }) => quantile(startsMs, 0.5)).toFixed(0),
    median(({ startsMs }) => quantile(startsMs, 0.99)).toFixed(0),
  ];
}
