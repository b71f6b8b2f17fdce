/** Removes folders, one after the other, for `folder-remover.ts`. */
import { parentPort } from "node:worker_threads";
import { removeRunFolder } from "./folder.ts";

export interface Removal {
  id: number;
  path: string;
}

export interface Removed {
  id: number;
  /** Why it is still there. */
  problem?: string;
}

parentPort?.on("message", ({ id, path }: Removal) => {
  const removed: Removed = { id, problem: removeRunFolder(path) };
  parentPort?.postMessage(removed);
});
