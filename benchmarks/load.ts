/** Sends signed deliveries as fast as a server takes them: with wrk where it is installed, else with autocannon. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { loadSamples } from "../src/github/samples.ts";
import { sign } from "../src/lib/signature.ts";

export interface Measured {
  requests: number;
  seconds: number;
  /** Answers other than 2xx and 3xx, and connections that broke. */
  errors: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const CONNECTIONS = 64;
const LUA = fileURLToPath(new URL("./deliveries.lua", import.meta.url));

export const loadGenerator = spawnSync("wrk", ["-v"]).error === undefined ? "wrk" : "autocannon";

/**
 * Writes `count` signed pushes of about 7 KB into a file, of a hundred repositories, with other numbers and commits: as
 * different as real ones are, so that what they take in the store is no better than in life. Returns the size of one.
 */
export function writeBodies(file: string, secret: string, count: number): number {
  const push = loadSamples().find(({ event, payload }) => event === "push" && payload.deleted === false);
  const text = JSON.stringify(push?.payload);
  const lines = Array.from({ length: count }, (_, n) => {
    const body = asAnother(text, n);
    return `${sign(secret, body)}\t${body}\n`;
  });
  writeFileSync(file, lines.join(""));
  return Buffer.byteLength(text);
}

function asAnother(text: string, n: number): string {
  let state = n + 1;
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const owner = `owner-${random(5)}`;
  return text
    .replaceAll("Codertocat", owner)
    .replaceAll("Hello-World", `repository-${random(20)}`)
    .replaceAll(/\b[0-9a-f]{40}\b/g, (sha) => sha.replaceAll(/./g, () => random(16).toString(16)))
    .replaceAll(/\b\d{6,}\b/g, (id) => id.replaceAll(/(?<!^)\d/g, () => String(random(10))));
}

/** @param round goes into the GUIDs, so that rounds do not repeat each other's. */
export function load(url: string, bodies: string, seconds: number, round: number): Promise<Measured> {
  return loadGenerator === "wrk"
    ? loadWithWrk(url, bodies, seconds, round)
    : loadWithAutocannon(url, bodies, seconds, round);
}

async function loadWithWrk(url: string, bodies: string, seconds: number, round: number): Promise<Measured> {
  const { promise, resolve, reject } = Promise.withResolvers<Measured>();
  const env = { ...process.env, BENCH_BODIES: bodies, BENCH_ROUND: String(round) };
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--latency", "-s", LUA, url];
  const wrk = spawn("wrk", args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  wrk.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  wrk.on("close", () => {
    const line = output.split("\n").find((candidate) => candidate.startsWith("{"));
    if (line === undefined) reject(new Error(`wrk said nothing that can be used:\n${output}`));
    else resolve(JSON.parse(line));
  });
  return promise;
}

async function loadWithAutocannon(
  url: string,
  bodies: string,
  seconds: number,
  round: number,
): Promise<Measured> {
  const lines = readFileSync(bodies, "utf8").trimEnd().split("\n");
  let n = 0;
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    requests: [
      {
        method: "POST",
        setupRequest: (request: object) => {
          const [signature = "", body = ""] = (lines[n++ % lines.length] ?? "").split("\t");
          const clock = (Date.now() * 10_000 + n).toString(16).padStart(12, "0");
          const guid = `${clock.slice(-8)}-${clock.slice(-12, -8)}-11f0-${String(round).padStart(4, "0")}-4c9367dc0958`;
          return {
            ...request,
            body,
            headers: {
              "content-type": "application/json",
              "user-agent": "bench",
              "x-github-delivery": guid,
              "x-github-event": "push",
              "x-github-hook-id": "292430182",
              "x-hub-signature-256": signature,
            },
          };
        },
      },
    ],
  });
  return {
    requests: result["2xx"] + result.non2xx,
    seconds: result.duration,
    errors: result.non2xx + result.errors,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    maxMs: result.latency.max,
  };
}
