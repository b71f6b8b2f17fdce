/**
 * Whether a 25 MiB delivery holds up the small ones: the time to the answer of one small delivery after the other,
 * alone, and while large ones come in without a pause. node benchmarks/large-bodies.ts [SECONDS]
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSamples } from "../src/github/samples.ts";
import { sign } from "../src/lib/signature.ts";
import { peakMemory, quantile, SECRET, startServer } from "./server.ts";

const SECONDS = Number(process.argv[2] ?? 5);
const LARGE_BYTES = 25 * 1024 ** 2;

const folder = mkdtempSync(join(tmpdir(), "longshore-bench-"));
writeFileSync(join(folder, "longshore.yml"), "hooks: ./hooks\n");
const main = fileURLToPath(new URL("../bin/longshore.js", import.meta.url));
const server = await startServer(main, ["serve", "--config", join(folder, "longshore.yml")]);
const agent = new Agent({ keepAlive: true });
const push = JSON.stringify(loadSamples().find(({ event }) => event === "push")?.payload);
const commit = JSON.stringify({
  id: "a".repeat(40),
  message: "x".repeat(200),
  added: ["a/b/c.ts"],
  modified: [],
});
const filler = `"commits":[${Array(Math.floor((LARGE_BYTES - 100) / (commit.length + 1)))
  .fill(commit)
  .join()}]`;
/** Made beforehand: signing 25 MiB would hold up the small ones on this side. */
const large = [1, 2, 3].map((n) => signed(`{"n":${n},${filler}}`));

try {
  await smallOnes(1);
  const alone = await smallOnes(SECONDS);
  const memoryAlone = peakMemory(server.process);
  let isOver = false;
  let count = 0;
  const uploading = (async () => {
    while (!isOver) {
      await deliver(large[count++ % large.length] as Signed);
    }
  })();
  const beside = await smallOnes(SECONDS);
  isOver = true;
  await uploading;
  for (const [name, times] of [
    ["alone", alone],
    [`beside ${count} large ones`, beside],
  ] as const) {
    const [p50, p99, max] = [0.5, 0.99, 1].map((part) => quantile(times, part).toFixed(1));
    console.log(`${times.length} small deliveries ${name}: p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`);
  }
  const megabytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(0);
  console.log(
    `memory at most: ${megabytes(memoryAlone)} MiB alone, ${megabytes(peakMemory(server.process))} MiB beside large ones`,
  );
} finally {
  agent.destroy();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function smallOnes(seconds: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    const start = performance.now();
    await deliver(signed(`{"unique":"${randomUUID()}",${push.slice(1)}`));
    times.push(performance.now() - start);
  }
  return times;
}

interface Signed {
  body: Buffer;
  signature: string;
}

function signed(text: string): Signed {
  const body = Buffer.from(text);
  return { body, signature: sign(SECRET, body) };
}

function deliver({ body, signature }: Signed): Promise<void> {
  const headers = {
    "content-type": "application/json",
    "content-length": body.length,
    "user-agent": "bench",
    "x-github-delivery": randomUUID(),
    "x-github-event": "push",
    "x-github-hook-id": "1",
    "x-hub-signature-256": signature,
  };
  return new Promise((resolve, reject) => {
    const sent = request(server.url, { method: "POST", agent, headers }, (response) => {
      response.resume().on("end", () => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status <= 299) resolve();
        else reject(new Error(`the answer was ${status}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
