/** The name of a worker says where it runs, so that others on the same machine can see that it is gone. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { isAlive } from "./folder.ts";

export function newWorkerName(): string {
  return `${hostname()}/${process.pid}/${randomBytes(4).toString("hex")}`;
}

/** Only of workers on this machine can it be known; the leases of the others end by themselves. */
export function isDeadWorker(name: string, ownName: string): boolean {
  const [host, pid] = name.split("/");
  if (name === ownName || host !== hostname()) return false;
  // A process has one worker: another name with our own number is of one that ended before.
  return Number(pid) === process.pid || !isAlive(Number(pid));
}
