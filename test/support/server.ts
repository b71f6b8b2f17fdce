/** The real program in a folder of its own: `longshore serve` and every other command, as a person runs them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./cli.ts";
import { type DeliveryOptions, delivery, SECRET } from "./github.ts";
import { type Answer, fetchRaw } from "./http.ts";
import { type Scope, temporaryFolder } from "./temporary.ts";
import { until } from "./until.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
/** Dozens of processes load the same files; with it each needs a third less time. */
const COMPILE_CACHE = fileURLToPath(new URL("../../node_modules/.cache/longshore-test", import.meta.url));

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Workplace {
  /** The working directory of every command. */
  folder: string;
  environment: NodeJS.ProcessEnv;
  /** With a mode such as 0o755 the file has it from then on. */
  write(file: string, text: string, mode?: number): void;
  /** Starts a command. */
  start(...args: string[]): Program;
  /** Runs a command to its end, in a process that is kept for others unless `command` says how it is started. */
  cli(...args: string[]): Promise<Result>;
  /** The same with `--json`; fails when the exit code is not 0. */
  json<T = Record<string, unknown>>(...args: string[]): Promise<T>;
  /** Starts `longshore serve` and waits until it is ready. */
  serve(...args: string[]): Promise<TestServer>;
}

export interface Program {
  process: ChildProcess;
  /** What it has printed on standard output and standard error so far. */
  stdout(): string;
  stderr(): string;
  ended: Promise<End>;
}

export interface End {
  code: number | null;
  signal: string | null;
}

export interface TestServer extends Program {
  url: string;
  /** Of the dashboard; empty where `LONGSHORE_ADMIN_LISTEN` is `off`, as it is unless a test wants it. */
  adminUrl: string;
  send(options?: DeliveryOptions): Promise<Answer>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<End>;
}

export interface WorkplaceOptions {
  /** Texts by file name, below the folder. */
  files?: Record<string, string>;
  environment?: NodeJS.ProcessEnv;
  /** What starts Longshore, if not this Node directly. */
  command?: readonly string[];
}

/**
 * A folder with files, and an environment in which the source `github` has {@link SECRET}, GitHub cannot be asked, and
 * any free port is listened on.
 */
export function workplace(
  t: Scope,
  { files = {}, environment = {}, command }: WorkplaceOptions = {},
): Workplace {
  const programs = new Programs(t, command ?? [process.execPath, MAIN]);
  const folder = temporaryFolder(t);
  const place: Workplace = {
    folder,
    environment: {
      PATH: process.env.PATH,
      HOME: folder,
      GITHUB_WEBHOOK_SECRET: SECRET,
      LONGSHORE_LISTEN: "127.0.0.1:0",
      // Few tests look at it, and each start would wait for it.
      LONGSHORE_ADMIN_LISTEN: "off",
      LONGSHORE_GITHUB_API_URL: "http://127.0.0.1:9",
      LONGSHORE_MIN_FREE_DISK: "0",
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      // As in `npm test`: see scripts/quick-modules.ts.
      NODE_OPTIONS: process.env.NODE_OPTIONS,
      ...environment,
    },
    write(file, text, mode) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      if (mode !== undefined) chmodSync(path, mode);
    },
    start: (...args) => programs.start(place, args),
    async cli(...args) {
      if (command === undefined) return runCommand({ args, folder, environment: place.environment });
      const program = programs.start(place, args);
      const { code } = await endOf(program, `\`longshore ${args.join(" ")}\` has ended`);
      return { code, stdout: program.stdout(), stderr: program.stderr() };
    },
    async json<T>(...args: string[]): Promise<T> {
      const { code, stdout, stderr } = await place.cli(...args, "--json");
      if (code !== 0) throw new Error(`longshore ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
      return JSON.parse(stdout) as T;
    },
    serve: async (...args) => whenReady(programs.start(place, ["serve", "--json", ...args])),
  };
  for (const [file, text] of Object.entries(files)) place.write(file, text);
  return place;
}

/** The programs of one test. They end before the folder that they work in is removed: what is registered first ends first. */
class Programs {
  readonly #command: readonly string[];
  readonly #all: Program[] = [];

  constructor(t: Scope, command: readonly string[]) {
    this.#command = command;
    t.after(async () => {
      await Promise.all(this.#all.map(({ process }) => kill(process)));
      // A journey that fails is understood by what the programs had to say.
      if ((t as { passed?: boolean }).passed === false)
        for (const { stderr } of this.#all) console.error(stderr());
    });
  }

  start({ folder, environment }: Workplace, args: readonly string[]): Program {
    const [file = "", ...first] = this.#command;
    const child = spawn(file, [...first, ...args], {
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
    const ended = new Promise<End>((resolve) =>
      child.once("close", (code, signal) => resolve({ code, signal })),
    );
    const program = { process: child, stdout: () => output.stdout, stderr: () => output.stderr, ended };
    this.#all.push(program);
    return program;
  }
}

/** Also when a process that it has left behind still holds its output open. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.kill("SIGKILL")) await once(child, "exit");
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** How a program has ended. One that does not is a failure, not something to wait for. */
async function endOf({ ended }: Program, what: string): Promise<End> {
  let end: End | undefined;
  void ended.then((found) => {
    end = found;
  });
  return until(what, () => end);
}

async function whenReady(program: Program): Promise<TestServer> {
  const ready = await until("the server is ready", () => {
    const { exitCode, signalCode } = program.process;
    if (exitCode !== null || signalCode !== null)
      throw new Error(`the server did not start:\n${program.stderr()}`);
    return parseWhole(program.stdout());
  });
  const url = ready.url ?? "";
  return {
    ...program,
    url,
    adminUrl: ready.adminUrl ?? "",
    send: (options = {}) => fetchRaw(url, delivery(options)),
    end(signal) {
      program.process.kill(signal);
      return endOf(program, `the server has ended after ${signal}`);
    },
  };
}

function parseWhole(text: string): { url: string | null; adminUrl: string | null } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
