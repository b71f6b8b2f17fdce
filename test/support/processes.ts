/** Processes that scripts have started. */
import { readFileSync } from "node:fs";

/** Whether a process still runs. One that has ended and that nobody has asked about yet (a zombie) does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // "4711 (a name, brackets and all) Z …"
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.[0] !== "Z";
  } catch {
    return process.platform !== "linux";
  }
}

/** The most memory that a process has ever had, in MiB; `undefined` where the system does not tell. */
export function peakMemory(pid: number | undefined): number | undefined {
  if (process.platform !== "linux") return undefined;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}
