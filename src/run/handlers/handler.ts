/** The worker's side of a handler process (`handler-process.ts`): loads a file once, and performs one run at a time. */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { compileCacheVariable } from "../../config/compile-cache.ts";
import type { HandlerCode } from "../../match/hook.ts";
import type { Account } from "../account.ts";
import { whyNotEntered } from "../entering.ts";
import { systemVariables } from "../environment.ts";
import { LastWords } from "../last-words.ts";
import { notStarted } from "../program.ts";
import { type Exit, type Spawner, SpawnerGone } from "../spawner.ts";
import type { FromHandler, HandlerEnd, HandlerRefusal, HandlerRun, ToHandler } from "./messages.ts";
import { MarkedOutput } from "./output.ts";

type OnOutput = (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
type Loaded = Extract<FromHandler, { kind: "loaded" }>;

/** How a handler's process ended. */
export interface HandlerExit extends Exit {
  /** Whether it went with its spawner, and not by itself. */
  isLost?: boolean;
}

const NO_EXIT: Exit = { exitCode: null, signal: null };

/** More than this and V8 ends the process, instead of the machine some other one. */
const MAX_HEAP_MIB = 512;

const PROCESS = fileURLToPath(new URL("./process.ts", import.meta.url));
const ARGUMENTS = [
  `--max-old-space-size=${MAX_HEAP_MIB}`,
  // A hooks folder is no package, and need not be one.
  "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON",
  "--disable-warning=ExperimentalWarning",
  PROCESS,
];
/** A quarter of a second is usual, but a machine may be starting a hundred other things. */
export const LOAD_WITHIN_MS = 30_000;
/** The mark is printed before the end is told, but comes another way. */
const MARK_WITHIN_MS = 1_000;

export class Handler {
  /** When and how the process has ended. Never rejects: one that could not be started has ended. */
  readonly exit: Promise<HandlerExit>;
  /** That its process runs under. */
  readonly account: Account;
  readonly #spawner: Spawner;
  readonly #loadWithinMs: number;
  readonly #id: number;
  #isLoaded = false;
  #ended?: HandlerExit;
  #onOutput: OnOutput = () => {};
  /** One at a time, instead of a reaction of `exit` for each run: a warm process may live for a million of them. */
  #onAnswer: (answer: FromHandler | HandlerExit) => void = () => {};

  constructor(spawner: Spawner, account: Account, loadWithinMs = LOAD_WITHIN_MS) {
    this.#spawner = spawner;
    this.#loadWithinMs = loadWithinMs;
    this.account = account;
    this.#id = spawner.number();
    const start = {
      id: this.#id,
      file: process.execPath,
      args: ARGUMENTS,
      cwd: "/",
      env: { ...systemVariables(account), ...compileCacheVariable() },
      hasChannel: true,
      through: account.through,
      needs: [PROCESS],
    };
    this.exit = spawner
      .run(
        start,
        (stream, bytes) => this.#onOutput(stream, bytes),
        (message) => this.#onAnswer(message as FromHandler),
      )
      .catch((error): HandlerExit => ({ ...NO_EXIT, isLost: error instanceof SpawnerGone }))
      .then((exit) => {
        this.#ended = exit;
        spawner.forget(this.#id);
        this.#onAnswer(exit);
        return exit;
      });
  }

  get isAlive(): boolean {
    return this.#ended === undefined;
  }

  /**
   * Loads the file, unless that has been done.
   *
   * @param code the file as it was loaded before; without it, it is read from the disk.
   * @param onOutput is given what it prints meanwhile.
   */
  async load(
    file: string,
    code?: HandlerCode,
    onOutput?: OnOutput,
  ): Promise<Loaded | HandlerRefusal | undefined> {
    if (this.#isLoaded) return undefined;
    const errors = new LastWords();
    this.#onOutput = (stream, bytes) => {
      if (stream === "stderr") errors.add(bytes);
      onOutput?.(stream, bytes);
    };
    const late = new AbortController();
    const answer = await Promise.race([
      this.#ask({ kind: "load", file, code }),
      delay(this.#loadWithinMs, undefined, { signal: late.signal, ref: false }).catch(() => undefined),
    ]);
    late.abort();
    this.#onOutput = () => {};
    if (answer === undefined) {
      await this.end();
      return refusal(`it took longer than ${this.#loadWithinMs / 1_000} s to load`);
    }
    if (!("kind" in answer)) return this.#lost(answer, errors);
    if (answer.kind === "loaded") {
      this.#isLoaded = true;
      return answer;
    }
    await this.end();
    return answer.kind === "refused" ? answer : refusal("it could not be loaded");
  }

  /**
   * Performs a run in a process that has loaded its file.
   *
   * @param folder the run's, removed by the spawner when the worker is gone.
   * @returns how the run ended; or how the process did, which then is the end of both.
   */
  async perform(
    run: Omit<HandlerRun, "mark">,
    folder: string,
    onOutput: OnOutput,
  ): Promise<HandlerEnd | HandlerExit> {
    const mark = `\0longshore ${randomBytes(16).toString("hex")}\0`;
    const outputs = {
      stdout: new MarkedOutput(mark, (bytes) => onOutput("stdout", bytes)),
      stderr: new MarkedOutput(mark, (bytes) => onOutput("stderr", bytes)),
    };
    this.#onOutput = (stream, bytes) => outputs[stream].add(bytes);
    const answer = await this.#ask({ kind: "perform", run: { ...run, mark } }, folder);
    const isClean = "isClean" in answer && answer.isClean && (await this.#isMarked(Object.values(outputs)));
    // Whatever it has left in the process ends with it; the next run gets another one.
    if (!isClean) await this.end();
    for (const output of Object.values(outputs)) output.end();
    this.#onOutput = () => {};
    return "kind" in answer && answer.kind !== "ended" ? NO_EXIT : answer;
  }

  /** To the process and its children. TERM aborts the `signal` of a run. */
  signal(name: NodeJS.Signals): void {
    this.#spawner.signal(this.#id, name);
  }

  /** Kills the process with its children. */
  async end(): Promise<void> {
    this.signal("SIGKILL");
    await this.exit;
  }

  /** Of a process that has ended before it had loaded anything. */
  #lost(exit: HandlerExit, errors: LastWords): HandlerRefusal {
    const { through, name } = this.account;
    const obstacle = through && whyNotEntered(exit, errors.text);
    return refusal(
      obstacle === undefined
        ? `its process ended while it was loaded (${describeExit(exit)})${errors.lastLine()}`
        : notStarted(name, obstacle),
    );
  }

  #ask(message: ToHandler, folder?: string): Promise<FromHandler | HandlerExit> {
    const answer = this.#next();
    this.#spawner.tell(this.#id, message, folder);
    return answer;
  }

  /** What it says next; how it has ended, when it says no more. */
  #next(): Promise<FromHandler | HandlerExit> {
    return new Promise((resolve) => {
      if (this.#ended) resolve(this.#ended);
      else this.#onAnswer = resolve;
    });
  }

  #isMarked(outputs: readonly MarkedOutput[]): Promise<boolean> {
    const late = new AbortController();
    const all = Promise.all(outputs.map(({ marked }) => marked)).then(() => true);
    const never = delay(MARK_WITHIN_MS, false, { signal: late.signal }).catch(() => false);
    return Promise.race([all, this.#next().then(() => false), never]).finally(() => late.abort());
  }
}

/** How a process has ended, for a reason. */
export function describeExit({ exitCode, signal }: Exit): string {
  if (signal === "SIGABRT") return `SIGABRT, as when it needs more memory than ${MAX_HEAP_MIB} MiB`;
  return signal ?? (exitCode === null ? "it is gone" : `exit code ${exitCode}`);
}

function refusal(message: string): HandlerRefusal {
  return { message, imports: [] };
}
