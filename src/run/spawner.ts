/**
 * The worker's side of the spawner (`spawner-process.ts`), which starts scripts, passes on what they print, and kills
 * them when the worker is gone.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a worker asks for. */
export type ToSpawner =
  | {
      kind: "start";
      run: number;
      file: string;
      args: readonly string[];
      cwd: string;
      env: Readonly<Record<string, string>>;
      /** Removed, with all that is in it, when the worker is gone. */
      folder: string;
    }
  | { kind: "signal"; run: number; signal: NodeJS.Signals }
  /** The worker has the piece; the next one may come. */
  | { kind: "taken"; run: number; stream: "stdout" | "stderr" }
  /** The worker has removed the folder itself. */
  | { kind: "forget"; run: number };

export type FromSpawner =
  | { kind: "started"; run: number; pid: number }
  | { kind: "output"; run: number; stream: "stdout" | "stderr"; bytes: Uint8Array }
  | { kind: "ended"; run: number; exitCode: number | null; signal: string | null }
  | { kind: "failed"; run: number; reason: string };

/** How a script ended: by an exit code, or by a signal. */
export interface Exit {
  exitCode: number | null;
  signal: string | null;
}

/** A script that could not be started, or whose spawner is gone. The message says which. */
export class SpawnFailure extends Error {
  override name = "SpawnFailure";
}

type Start = Extract<ToSpawner, { kind: "start" }>;

interface Running extends PromiseWithResolvers<Exit> {
  file: string;
  onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  pid?: number;
}

export class Spawner {
  readonly #running = new Map<number, Running>();
  /** Started before the first script needs it, which would wait a fifth of a second for it. */
  #process?: ChildProcess = this.#start();

  /**
   * Starts a script and waits for its end.
   *
   * @param onOutput is given what it prints, as it comes.
   * @throws {SpawnFailure} when it cannot be started.
   */
  run(start: Omit<Start, "kind">, onOutput: Running["onOutput"]): Promise<Exit> {
    const running: Running = { ...Promise.withResolvers<Exit>(), file: start.file, onOutput };
    this.#running.set(start.run, running);
    this.#send({ kind: "start", ...start });
    return running.promise.finally(() => this.#running.delete(start.run));
  }

  /** Sends a signal to the script and all its children. */
  signal(run: number, signal: NodeJS.Signals): void {
    if (this.#running.has(run)) this.#send({ kind: "signal", run, signal });
  }

  /** Says that the run's folder is gone and its number free. */
  forget(run: number): void {
    if (this.#process?.connected) this.#send({ kind: "forget", run });
  }

  /** Ends the spawner, and whatever still runs. */
  async close(): Promise<void> {
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
    // Its environment is empty of ours: a script can read that of its parent.
    const child = fork(fileURLToPath(new URL("./spawner-process.ts", import.meta.url)), [], {
      env: {},
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
    const running = this.#running.get(message.run);
    if (!running) return;
    switch (message.kind) {
      case "started":
        running.pid = message.pid;
        return;
      case "output":
        running.onOutput(message.stream, message.bytes);
        return this.#send({ kind: "taken", run: message.run, stream: message.stream });
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
      reject(new SpawnFailure(reason));
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
