/** The name of a worker says where it runs, so that others on the same machine can see that it is gone. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { isAlive } from "./folder.ts";

/** Those that this thread has made, whichever copy of this file: a framework may load an app's modules twice. */
const LIVING = Symbol.for("longshore.workers");
const shared = globalThis as { [LIVING]?: Set<string> };

export function newWorkerName(): string {
  const name = `${hostname()}/${process.pid}/${randomBytes(4).toString("hex")}`;
  shared[LIVING] ??= new Set();
  shared[LIVING].add(name);
  return name;
}

/** Only of workers on this machine can it be known; the leases of the others end by themselves. */
export function isDeadWorker(name: string, ownName: string): boolean {
  const [host, pid] = name.split("/");
  if (name === ownName || host !== hostname()) return false;
  // The server has one worker, on a thread; an app may have several, on its own. Others with our number have ended.
  if (Number(pid) === process.pid) return !shared[LIVING]?.has(name);
  return !isAlive(Number(pid));
}
