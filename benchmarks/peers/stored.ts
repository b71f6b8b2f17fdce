/**
 * The floor of whoever stores before it answers: `node:http`, an HMAC, `JSON.parse`, and on a thread of its own zstd, a row
 * and a queued run for each, and one commit with `synchronous=full` for all that waited. No duplicates, no hooks, no
 * limits: built as the experiment was from which the receiver grew. node benchmarks/peers/stored.ts DATABASE
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { constants, zstdCompressSync } from "node:zlib";

interface Delivery {
  guid: string;
  event: string;
  headers: string;
  body: Buffer;
}

const MAX_GROUP = 64;

if (isMainThread) receive();
else store(workerData as string);

function receive(): void {
  const secret = process.env.BENCH_SECRET ?? "";
  const writer = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  let waiting: { delivery: Delivery; response: ServerResponse }[] = [];
  let underWay: typeof waiting = [];
  const send = () => {
    if (underWay.length > 0 || waiting.length === 0) return;
    underWay = waiting.slice(0, MAX_GROUP);
    waiting = waiting.slice(MAX_GROUP);
    writer.postMessage(underWay.map(({ delivery }) => delivery));
  };
  writer.on("message", (ids: number[]) => {
    const answered = underWay;
    underWay = [];
    send();
    for (const [index, { response }] of answered.entries())
      response
        .writeHead(202, { "Content-Type": "application/json" })
        .end(JSON.stringify({ delivery: ids[index] }));
  });

  const server = createServer((request, response) => {
    const hmac = createHmac("sha256", secret);
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => {
      hmac.update(piece);
      pieces.push(piece);
    });
    request.on("end", () => {
      const { headers } = request;
      const claimed = Buffer.from(String(headers["x-hub-signature-256"]).slice("sha256=".length), "hex");
      const digest = hmac.digest();
      if (claimed.length !== digest.length || !timingSafeEqual(claimed, digest))
        return response.writeHead(403).end();
      const body = Buffer.concat(pieces);
      JSON.parse(body.toString());
      const [guid, event] = [String(headers["x-github-delivery"]), String(headers["x-github-event"])];
      waiting.push({
        delivery: { guid, event, headers: JSON.stringify(request.rawHeaders), body },
        response,
      });
      setImmediate(send);
    });
  });
  server.listen(Number(process.env.BENCH_PORT), "127.0.0.1", () => console.log("ready"));
  process.on("SIGTERM", () => process.exit());
}

function store(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`
    pragma journal_mode = wal;
    pragma synchronous = full;
    create table deliveries (
      id integer primary key, guid text not null unique, event text not null, received_at integer not null,
      headers text not null, body blob not null
    ) strict;
    create table runs (id integer primary key, delivery_id integer not null, status text not null) strict;
    create index queued on runs (id) where status = 'queued';
  `);
  const insertDelivery = database.prepare(
    "insert into deliveries (guid, event, received_at, headers, body) values (?, ?, ?, ?, ?)",
  );
  const insertRun = database.prepare("insert into runs (delivery_id, status) values (?, 'queued')");
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  parentPort?.on("message", (group: Delivery[]) => {
    database.exec("begin immediate");
    const ids = group.map(({ guid, event, headers, body }) => {
      const packed = zstdCompressSync(body, { params });
      const { lastInsertRowid } = insertDelivery.run(guid, event, Date.now(), headers, packed);
      insertRun.run(lastInsertRowid);
      return Number(lastInsertRowid);
    });
    database.exec("commit");
    parentPort?.postMessage(ids);
  });
}
