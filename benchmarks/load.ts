/** Sends signed deliveries as fast as a server takes them: with wrk where it is installed, else with autocannon. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { loadSamples } from "../src/cli/samples.ts";
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

/** Writes `count` signed pushes of about 7 KB, no two alike, into a file. Returns the size of one. */
export function writeBodies(file: string, secret: string, count: number): number {
  const push = loadSamples().find(({ event, payload }) => event === "push" && payload.deleted === false);
  const text = JSON.stringify(push?.payload);
  let lines = "";
  for (let n = 0; n < count; n++) {
    const sha = n.toString(16).padStart(8, "0").repeat(5);
    const body = text.replaceAll(String(push?.payload.after), sha);
    lines += `${sign(secret, body)}\t${body}\n`;
  }
  writeFileSync(file, lines);
  return Buffer.byteLength(text);
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
