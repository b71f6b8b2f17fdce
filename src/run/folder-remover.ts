/**
 * Removes the folders of runs on a thread of its own. A file system makes whoever removes a folder wait for milliseconds
 * (ext4: one or two for each), and the worker's thread has all runs in its hands.
 */
import { Worker as Thread } from "node:worker_threads";
import { removeRunFolder } from "./folder.ts";
import type { Removal, Removed } from "./folder-remover-thread.ts";

export class FolderRemover {
  readonly #thread = new Thread(new URL("./folder-remover-thread.ts", import.meta.url));
  readonly #waiting = new Map<number, PromiseWithResolvers<string | undefined>>();
  #lastId = 0;
  #isDead = false;

  constructor() {
    // It does not keep a program alive that has nothing else to do.
    this.#thread.unref();
    this.#thread.on("message", ({ id, problem }: Removed) => {
      this.#waiting.get(id)?.resolve(problem);
      this.#waiting.delete(id);
    });
    this.#thread.on("error", (error) => this.#fail(error.message));
  }

  /** Returns why the folder is still there, if it is. Never rejects. */
  remove(path: string): Promise<string | undefined> {
    if (this.#isDead) return Promise.resolve(removeRunFolder(path));
    const waiting = Promise.withResolvers<string | undefined>();
    const id = ++this.#lastId;
    this.#waiting.set(id, waiting);
    this.#thread.postMessage({ id, path } satisfies Removal);
    return waiting.promise;
  }

  /** Ends the thread when all that it was given is removed. */
  async close(): Promise<void> {
    await Promise.all([...this.#waiting.values()].map(({ promise }) => promise));
    await this.#thread.terminate();
  }

  #fail(reason: string): void {
    this.#isDead = true;
    for (const { resolve } of this.#waiting.values()) resolve(reason);
    this.#waiting.clear();
  }
}
