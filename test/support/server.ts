/** The real program in a folder of its own: `longshore serve` and every other command, as a person runs them. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type DeliveryOptions, delivery, SECRET } from "./github.ts";
import { type Answer, fetchRaw } from "./http.ts";
import { temporaryFolder } from "./temporary.ts";
import { until } from "./until.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Workplace {
  /** The working directory of every command. */
  folder: string;
  environment: NodeJS.ProcessEnv;
  write(file: string, text: string): void;
  /** Runs a command to its end. */
  cli(...args: string[]): Promise<Result>;
  /** The same with `--json`; fails when the exit code is not 0. */
  json<T = Record<string, unknown>>(...args: string[]): Promise<T>;
  /** Starts `longshore serve` and waits until it is ready. */
  serve(...args: string[]): Promise<TestServer>;
}

export interface TestServer {
  url: string;
  process: ChildProcess;
  /** What it has printed on standard output and standard error so far. */
  stdout(): string;
  stderr(): string;
  send(options?: DeliveryOptions): Promise<Answer>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: string | null }>;
}

export interface WorkplaceOptions {
  /** Texts by file name, below the folder. */
  files?: Record<string, string>;
  environment?: NodeJS.ProcessEnv;
}

/**
 * A folder with files, and an environment in which the source `github` has {@link SECRET}, GitHub cannot be asked, and
 * any free port is listened on.
 */
export function workplace(
  t: TestContext,
  { files = {}, environment = {} }: WorkplaceOptions = {},
): Workplace {
  const folder = temporaryFolder(t);
  const place: Workplace = {
    folder,
    environment: {
      PATH: process.env.PATH,
      HOME: folder,
      GITHUB_WEBHOOK_SECRET: SECRET,
      LONGSHORE_LISTEN: "127.0.0.1:0",
      LONGSHORE_GITHUB_API_URL: "http://127.0.0.1:9",
      LONGSHORE_MIN_FREE_DISK: "0",
      ...environment,
    },
    write(file, text) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    },
    cli: (...args) => runToEnd(place, args),
    async json<T>(...args: string[]): Promise<T> {
      const { code, stdout, stderr } = await place.cli(...args, "--json");
      if (code !== 0) throw new Error(`longshore ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
      return JSON.parse(stdout) as T;
    },
    serve: (...args) => serve(t, place, args),
  };
  for (const [file, text] of Object.entries(files)) place.write(file, text);
  return place;
}

function start({ folder, environment }: Workplace, args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal })),
  );
  return { child, output, ended };
}

async function runToEnd(place: Workplace, args: readonly string[]): Promise<Result> {
  const { output, ended } = start(place, args);
  const { code } = await ended;
  return { code, ...output };
}

async function serve(t: TestContext, place: Workplace, args: readonly string[]): Promise<TestServer> {
  const { child, output, ended } = start(place, ["serve", "--json", ...args]);
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  t.after(async () => {
    if (!isOver) child.kill("SIGKILL");
    await ended;
    // A journey that fails is understood by what the server had to say.
    if (!(t as { passed?: boolean }).passed) console.error(`--- the server's log ---\n${output.stderr}`);
  });
  const ready = await until("the server is ready", () => {
    if (isOver) throw new Error(`the server did not start:\n${output.stderr}`);
    return parseWhole(output.stdout);
  });
  const url = ready.url ?? "";
  return {
    url,
    process: child,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    send: (options = {}) => fetchRaw(url, delivery(options)),
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

function parseWhole(text: string): { url: string | null } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
