/**
 * The worker's side of the spawner (`spawner-process.ts`), which starts scripts, passes on what they print, and kills
 * them when the worker is gone.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compileCacheVariable } from "../config/compile-cache.ts";
import { entering } from "./entering.ts";

/** What a worker asks for. */
export type ToSpawner =
  | {
      kind: "start";
      /** A script has the number of its run; what performs many runs has one from {@link Spawner.number}. */
      id: number;
      file: string;
      args: readonly string[];
      cwd: string;
      env: Readonly<Record<string, string>>;
      /** Removed, with all that is in it, when the worker is gone. */
      folder?: string;
      /** Whether it is a Node program that takes and sends messages. */
      hasChannel?: boolean;
      /** For its standard input, which is empty without it. */
      input?: string;
    }
  /** `folder`: as in `start`, of the run that this message begins. */
  | { kind: "tell"; id: number; message: unknown; folder?: string }
  | { kind: "signal"; id: number; signal: NodeJS.Signals }
  /** The worker has the piece; the next one may come. */
  | { kind: "taken"; id: number; stream: "stdout" | "stderr" }
  /** The worker has removed the folder itself. */
  | { kind: "forget"; id: number };

export type FromSpawner =
  | { kind: "started"; id: number; pid: number }
  | { kind: "output"; id: number; stream: "stdout" | "stderr"; bytes: Uint8Array }
  | { kind: "told"; id: number; message: unknown }
  | { kind: "ended"; id: number; exitCode: number | null; signal: string | null }
  | { kind: "failed"; id: number; reason: string };

/** How a script ended: by an exit code, or by a signal. */
export interface Exit {
  exitCode: number | null;
  signal: string | null;
}

/** A script that could not be started. */
export class SpawnFailure extends Error {
  override name = "SpawnFailure";
}

/** The spawner itself is gone, and with it every script that it had started. */
export class SpawnerGone extends Error {
  override name = "SpawnerGone";
}

type Start = Extract<ToSpawner, { kind: "start" }>;

interface UnderAccount {
  /** The command that gives up the server's rights: see `Account`. */
  through?: readonly string[] | undefined;
  /** Absolute paths of what the account must be able to read. */
  needs?: readonly string[];
}

interface Running extends PromiseWithResolvers<Exit> {
  file: string;
  onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  onMessage?: (message: unknown) => void;
  pid?: number;
}

export class Spawner {
  readonly #running = new Map<number, Running>();
  /** Started before the first script needs it, which would wait a fifth of a second for it. */
  #process?: ChildProcess = this.#start();
  #lastNumber = 0;
  #isClosed = false;

  /**
   * Starts a script and waits for its end.
   *
   * @param onOutput is given what it prints, as it comes.
   * @param onMessage is given what it sends, where it has a channel.
   * @throws {SpawnFailure} when it cannot be started.
   * @throws {SpawnerGone} when the spawner ends meanwhile, or has been closed.
   */
  run(
    { through, needs, ...start }: Omit<Start, "kind" | "input"> & UnderAccount,
    onOutput: Running["onOutput"],
    onMessage?: Running["onMessage"],
  ): Promise<Exit> {
    // A new process would keep a thread that is to end.
    if (this.#isClosed) return Promise.reject(new SpawnerGone("the spawner has ended"));
    const running: Running = { ...Promise.withResolvers<Exit>(), file: start.file, onOutput, onMessage };
    this.#running.set(start.id, running);
    const first = through ? entering(through, { ...start, needs }) : {};
    this.#send({ kind: "start", ...start, ...first });
    return running.promise.finally(() => this.#running.delete(start.id));
  }

  /** A number for a process that is not of one run; it is below zero, so no run has it. */
  number(): number {
    return --this.#lastNumber;
  }

  /** Sends a message to what was started with a channel. `folder` is of the run that begins with it. */
  tell(id: number, message: unknown, folder?: string): void {
    if (this.#running.has(id)) this.#send({ kind: "tell", id, message, folder });
  }

  /** Sends a signal to the script and all its children. */
  signal(id: number, signal: NodeJS.Signals): void {
    if (this.#running.has(id)) this.#send({ kind: "signal", id, signal });
  }

  /** Says that the run's folder is gone and its number free. */
  forget(id: number): void {
    if (this.#process?.connected) this.#send({ kind: "forget", id });
  }

  /** Ends the spawner, and whatever still runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    if (child.connected) child.disconnect();
    await gone;
  }

  #send(message: ToSpawner): void {
    this.#process ??= this.#start();
    // A channel that has just closed is reported by "exit", which settles whoever waits.
    this.#process.send(message, () => {});
  }

  #start(): ChildProcess {
    // Of our environment it has nothing that says anything: a script can read that of its parent.
    const child = fork(fileURLToPath(new URL("./spawner-process.ts", import.meta.url)), [], {
      env: compileCacheVariable(),
      execArgv: [],
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.on("message", (message: FromSpawner) => this.#onMessage(message));
    child.once("error", (error) => this.#lose(child, error.message));
    child.once("exit", () => this.#lose(child, "the spawner has ended"));
    return child;
  }

  #onMessage(message: FromSpawner): void {
    const running = this.#running.get(message.id);
    if (!running) return;
    switch (message.kind) {
      case "started":
        running.pid = message.pid;
        return;
      case "output":
        running.onOutput(message.stream, message.bytes);
        return this.#send({ kind: "taken", id: message.id, stream: message.stream });
      case "told":
        return running.onMessage?.(message.message);
      case "failed":
        return running.reject(new SpawnFailure(`${running.file} could not be started: ${message.reason}`));
      case "ended":
        return running.resolve({ exitCode: message.exitCode, signal: message.signal });
    }
  }

  /** The scripts of a spawner that died by itself are killed from here. */
  #lose(child: ChildProcess, reason: string): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    for (const { pid, reject } of this.#running.values()) {
      if (pid !== undefined) killGroup(pid);
      reject(new SpawnerGone(reason));
    }
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
