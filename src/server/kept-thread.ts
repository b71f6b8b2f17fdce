/** A thread that is started again when it dies: the others go on meanwhile. */
import { Worker as Thread } from "node:worker_threads";
import type { Log } from "../lib/log.ts";

const RESTART_AFTER_MS = 1_000;

export interface KeptThread {
  /** To the thread that is there now; nobody hears it while none is. */
  tell(message: object): void;
  /** Tells it to end, and waits for that. */
  stop(message: object): Promise<void>;
}

/**
 * @param what its name in the log.
 * @param dataOf what it is given when it starts, asked for each time.
 * @param hear is told what it says.
 */
export function startKeptThread(
  file: URL,
  what: string,
  log: Log,
  dataOf: () => object,
  hear: (message: unknown) => void = () => {},
): KeptThread {
  let isStopping = false;
  let thread: Thread;
  let ended: Promise<void>;
  const start = () => {
    thread = new Thread(file, { workerData: dataOf() });
    thread.on("message", hear);
    thread.on("error", (error) => log.error({ err: error }, `the ${what} has died; it is started again`));
    ended = new Promise((resolve) => thread.once("exit", () => resolve()));
    thread.once("exit", () => {
      setTimeout(() => !isStopping && start(), RESTART_AFTER_MS).unref();
    });
  };
  start();
  return {
    tell: (message) => thread.postMessage(message),
    async stop(message) {
      isStopping = true;
      thread.postMessage(message);
      await ended;
    },
  };
}
