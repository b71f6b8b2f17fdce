/**
 * How long the admin API takes with many deliveries and runs in the store, on each database: the first page of every list
 * and every page of the dashboard; and whether accepts keep their rate while somebody looks and looks.
 *
 * Asked one after the other over HTTP, of a real server. node benchmarks/admin-lists.ts [DELIVERIES] [REQUESTS]
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { formatTable } from "../src/lib/table.ts";
import { pack } from "../src/store/packing.ts";
import { openStore } from "../src/store/store.ts";
import { createDatabase, startPostgres } from "../test/support/postgres.ts";
import { load, type Measured, writeBodies } from "./load.ts";
import { freePort, quantile, SECRET, startServer } from "./server.ts";

const DELIVERIES = Number(process.argv[2] ?? 1_000_000);
const REQUESTS = Number(process.argv[3] ?? 100);
const SECONDS = 3;
const PAUSE_MS = 100;
const MONTH_MS = 30 * 86_400_000;
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

const PAGES = [
  "/api/deliveries",
  "/api/deliveries?repo=acme/7",
  "/api/deliveries?repo=nobody/nothing",
  "/api/deliveries?event=issues",
  "/api/deliveries?sender=nobody",
  "/api/deliveries?ref=nothing",
  "/api/deliveries?status=failed",
  "/api/deliveries?status=none",
  "/api/deliveries?hook=hook-3&status=failed",
  "/api/deliveries?since=1h",
  "/api/deliveries?until=20d&event=push",
  "/api/runs",
  "/api/runs?hook=hook-3",
  "/api/runs?status=failed",
  "/api/runs?status=queued",
  "/api/runs?status=running",
  "/api/runs?status=skipped",
  "/api/runs?repo=acme/7",
  "/api/runs?hook=hook-3&status=failed",
  "/api/hooks",
  "/api/sources",
  "/api/refusals",
  "/api/nodes",
  "/api/audit",
  "/api/overview?range=1h",
  "/api/overview?range=24h",
  "/api/overview?range=30d",
  "/api/search?q=main",
  "/api/search?q=acme/7",
];

const root = mkdtempSync(join(tmpdir(), "longshore-bench-"));
const ends: (() => unknown)[] = [];
const bodies = join(root, "bodies");
writeBodies(bodies, SECRET, 20_000);

try {
  const databases: [string, () => Promise<string>][] = [
    ["SQLite", async () => `sqlite:${join(mkdtempSync(join(root, "sqlite-")), "longshore.db")}`],
    [
      "PostgreSQL",
      async () =>
        createDatabase((await startPostgres({ after: (end) => ends.push(end) }, { isDurable: true })).url),
    ],
  ];
  for (const [name, make] of databases) {
    const database = await make();
    await fill(database);
    await measure(name, database);
  }
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(root, { recursive: true, force: true });
}

/** A month: a fifth of the deliveries start nothing, one in a thousand runs failed, a few wait and a few are at it. */
async function fill(database: string): Promise<void> {
  const store = await openStore(database.replace(/^sqlite:/, ""));
  const isSqlite = database.startsWith("sqlite:");
  const contents = Array.from({ length: 20 }, () => ({
    headers: [["content-type", "application/json"]] as const,
    body: Buffer.from(JSON.stringify({ ref: "refs/heads/main", repository: { full_name: "acme/7" } })),
  }));
  const bytes = Buffer.from(pack(store.dictionary, contents).bytes).toString("hex");
  const literal = isSqlite ? `x'${bytes}'` : `'\\x${bytes}'`;
  const numbers = (count: number) =>
    isSqlite
      ? `(with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count}) select n from numbers)`
      : `(select n::bigint as n from generate_series(1, ${count}) n) numbers`;
  const guid = isSqlite ? "unhex(printf('%032x', n))" : "decode(lpad(to_hex(n), 32, '0'), 'hex')";
  const at = `(${Date.now() - MONTH_MS} + n * ${Math.floor(MONTH_MS / DELIVERIES)})`;
  const status = `case when n > ${DELIVERIES - 8} then 'queued' when n > ${DELIVERIES - 12} then 'running'
    when n % 1000 = 0 then 'failed' when n % 501 = 0 then 'cancelled' else 'succeeded' end`;
  const ended = `n <= ${DELIVERIES - 12}`;
  const statements = [
    `insert into packs (dictionary, bytes) select 1, ${literal} from ${numbers(DELIVERIES / 20)}`,
    `insert into deliveries (source, webhook_id, guid, event, repository, ref, sha, sender, received_at, secret, size, pack_id, pack_index)
      select 'github', 1, ${guid}, case when n % 5000 = 0 then 'issues' else 'push' end, 'acme/' || (n % 500),
        'refs/heads/main', substr('${"0123456789abcdef".repeat(4)}', cast(1 + n % 16 as int), 40), 'alice', ${at}, 'only', 100, (n + 19) / 20, n % 20
      from ${numbers(DELIVERIES)}`,
    `insert into runs (delivery_id, hook, status, attempt, queued_at, due_at, started_at, finished_at, worker, lease_until)
      select n, 'hook-' || (n % 20), ${status}, case when n > ${DELIVERIES - 8} then 0 else 1 end, ${at}, ${at},
        case when n <= ${DELIVERIES - 8} then ${at} + 5 end, case when ${ended} then ${at} + 900 end,
        case when not (${ended}) and n <= ${DELIVERIES - 8} then 'w1' end,
        case when not (${ended}) and n <= ${DELIVERIES - 8} then ${at} + ${MONTH_MS} end
      from ${numbers(DELIVERIES)} where n % 5 <> 0 or n % 1000 = 0`,
    `insert into refusals (at, source, code, peer, event) select ${Date.now()} - n, 'github', 'address_not_allowed', '192.0.2.1', 'push' from ${numbers(1_000)}`,
    `insert into audit (at, who, action, details) select ${Date.now()} - n, 'alice', 'cancel run', '{}' from ${numbers(10_000)}`,
    "analyze",
  ];
  const startedAt = performance.now();
  for (const statement of statements) await sql.raw(statement).execute(store.db);
  await store.close();
  console.log(`filled in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
}

async function measure(name: string, database: string): Promise<void> {
  const folder = mkdtempSync(join(root, "server-"));
  mkdirSync(join(folder, "hooks"));
  for (let n = 0; n < 20; n++)
    writeFileSync(
      join(folder, "hooks", `hook-${n}.yml`),
      `on: push\nrepositories: [acme/${n}]\nrun: exit 0\n`,
    );
  const port = await freePort();
  const file = join(folder, "longshore.yml");
  writeFileSync(
    file,
    [
      `database: ${database}`,
      "max-inflight: 256MiB",
      // What was made up must not be pruned while it is measured.
      "retention: forever",
      `admin: { listen: "127.0.0.1:${port}" }`,
      "",
    ].join("\n"),
  );
  const server = await startServer(MAIN, ["serve", "--config", file], {
    LONGSHORE_ADMIN_LISTEN: `127.0.0.1:${port}`,
  });
  const url = `http://127.0.0.1:${port}`;
  const headers = {
    authorization: `Bearer ${readFileSync(join(folder, "data/admin-token"), "utf8").trim()}`,
  };
  const rows: string[][] = [];
  for (const page of PAGES) rows.push([page, ...(await timesOf(`${url}${page}`, headers))]);
  console.log(`\n${name}, ${DELIVERIES} deliveries\n`);
  console.log(formatTable([["page", "first ms", "p50 ms", "p95 ms"], ...rows]));

  await load(server.url, bodies, SECONDS, 1);
  const quiet = await load(server.url, bodies, SECONDS, 2);
  const few = await whileLooking(url, headers, PAUSE_MS, () => load(server.url, bodies, SECONDS, 3));
  const many = await whileLooking(url, headers, 0, () => load(server.url, bodies, SECONDS, 4));
  const said = ({ requests, seconds, p99Ms }: Measured) =>
    `${Math.round(requests / seconds)}/s (p99 ${p99Ms.toFixed(0)} ms)`;
  console.log(
    `\naccepts: ${said(quiet)} alone, ${said(few)} while somebody asks for up to ten pages a second, ${said(many)} while page after page is asked for`,
  );
  await server.stop();
}

/** @param pauseMs between one page and the next. */
async function whileLooking(
  url: string,
  headers: Record<string, string>,
  pauseMs: number,
  action: () => Promise<Measured>,
): Promise<Measured> {
  let isOver = false;
  const looking = (async () => {
    for (let n = 0; !isOver; n++) {
      await (await fetch(`${url}${PAGES[n % PAGES.length]}`, { headers })).text();
      await delay(pauseMs);
    }
  })();
  const measured = await action();
  isOver = true;
  await looking;
  return measured;
}

async function timesOf(url: string, headers: Record<string, string>): Promise<string[]> {
  const times: number[] = [];
  for (let n = 0; n < REQUESTS; n++) {
    const startedAt = performance.now();
    const response = await fetch(url, { headers });
    const text = await response.text();
    times.push(performance.now() - startedAt);
    if (response.status !== 200) throw new Error(`${url}: ${response.status} ${text}`);
  }
  const [first = 0, ...rest] = times;
  return [first, quantile(rest, 0.5), quantile(rest, 0.95)].map((ms) => ms.toFixed(1));
}
