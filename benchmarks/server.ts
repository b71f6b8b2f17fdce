/** A server under measurement: the real program, or a peer, as a process of its own on a free loopback port. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

export const SECRET = "a secret of the benchmark";

export interface MeasuredServer {
  url: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

/**
 * Starts a script and waits for its first word.
 *
 * @param environment variables beside the usual ones.
 */
export async function startServer(
  script: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<MeasuredServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [script, ...args], {
    env: {
      PATH: process.env.PATH,
      BENCH_PORT: String(port),
      BENCH_SECRET: SECRET,
      GITHUB_WEBHOOK_SECRET: SECRET,
      LONGSHORE_LISTEN: `127.0.0.1:${port}`,
      LONGSHORE_ADMIN_LISTEN: "off",
      LONGSHORE_GITHUB_API_URL: "http://127.0.0.1:9",
      LONGSHORE_LOG_LEVEL: "error",
      ...environment,
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  return {
    url: `http://127.0.0.1:${port}/github`,
    process: child,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** User and system time of the process with all its threads; only Linux tells. */
export function cpuSeconds({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** The most memory that the process has had, in bytes; only Linux tells. */
export function peakMemory({ pid }: ChildProcess): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}

/** @param part between 0 and 1: 0.5 is the median. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
