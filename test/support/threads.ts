/** The same thing done by several threads at the same moment. */
import { Worker } from "node:worker_threads";

export interface ThreadData {
  task: "open" | "claim";
  databases: readonly string[];
  worker: string;
  barrier: SharedArrayBuffer;
  parties: number;
}

/** What each of the threads found: see `store-thread.ts`. */
export function inThreads(
  parties: number,
  task: ThreadData["task"],
  databases: readonly string[],
): Promise<number[][]> {
  const barrier = new SharedArrayBuffer(4);
  const one = (_: unknown, index: number) =>
    new Promise<number[]>((resolve, reject) => {
      const workerData: ThreadData = { task, databases, worker: `w${index}`, barrier, parties };
      const thread = new Worker(new URL("./store-thread.ts", import.meta.url), { workerData });
      thread.once("message", resolve);
      // The others would wait for it for ever.
      thread.once("error", (error) => reject(error));
    });
  return Promise.all(Array.from({ length: parties }, one));
}
