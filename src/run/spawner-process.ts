/**
 * A small process that starts scripts for a worker and outlives it by a moment: when the channel to the worker closes,
 * it KILLs every script it has started, with all their children, and removes their folders. So a worker that is killed
 * leaves nothing behind that could overlap with the next attempt of its runs.
 *
 * It is also what keeps the worker's thread free: starting a process stops a Node thread for milliseconds.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { removeRunFolder } from "./folder.ts";
import type { FromSpawner, ToSpawner } from "./spawner.ts";

interface Script {
  folder?: string;
  child?: ChildProcess;
}

type To<Kind extends ToSpawner["kind"]> = Extract<ToSpawner, { kind: Kind }>;

/** After the script itself has ended, what it left in the pipes is waited for this long. */
const DRAIN_MS = 1_000;

const scripts = new Map<number, Script>();

process.on("message", (message: ToSpawner) => {
  const script = scripts.get(message.id);
  switch (message.kind) {
    case "start":
      return start(message);
    case "tell":
      if (script) tell(script, message);
      return;
    case "signal":
      return signalGroup(script?.child, message.signal);
    case "taken":
      return void script?.child?.[message.stream]?.resume();
    case "forget":
      return void scripts.delete(message.id);
  }
});

process.on("disconnect", () => {
  for (const { child } of scripts.values()) signalGroup(child, "SIGKILL");
  for (const { folder } of scripts.values()) if (folder !== undefined) removeRunFolder(folder);
  process.exit();
});

// A terminal's Ctrl-C reaches every process of the group; when to stop is the worker's to say.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});

function start({ id, file, args, cwd, env, folder, hasChannel, input }: To<"start">): void {
  const script: Script = { folder };
  scripts.set(id, script);
  let child: ChildProcess;
  try {
    child = spawn(file, args, {
      cwd,
      env: { ...env },
      stdio: [
        input === undefined ? "ignore" : "pipe",
        "pipe",
        "pipe",
        ...(hasChannel ? (["ipc"] as const) : []),
      ],
      serialization: "advanced",
      detached: true,
    });
  } catch (error) {
    return send({ kind: "failed", id, reason: (error as Error).message });
  }
  script.child = child;
  child.once("error", (error) => send({ kind: "failed", id, reason: error.message }));
  child.once("spawn", () => send({ kind: "started", id, pid: child.pid as number }));
  pass(id, "stdout", child.stdout as Readable);
  pass(id, "stderr", child.stderr as Readable);
  child.on("message", (message) => send({ kind: "told", id, message }));
  // What does not read to its end has ended, which is told of anyway.
  child.stdin?.on("error", () => {}).end(input);
  child.once("exit", (exitCode, signal) => void end(id, child, exitCode, signal));
}

function tell(script: Script, { message, folder }: To<"tell">): void {
  if (folder !== undefined) script.folder = folder;
  // A channel that has just closed is reported by "exit".
  script.child?.send(message as object, () => {});
}

/** One piece at a time: until the worker has taken it, the script has to wait, however much it prints. */
function pass(id: number, stream: "stdout" | "stderr", from: Readable): void {
  from.on("data", (bytes: Buffer) => {
    from.pause();
    send({ kind: "output", id, stream, bytes });
  });
  from.on("error", () => {});
}

async function end(
  id: number,
  child: ChildProcess,
  exitCode: number | null,
  signal: string | null,
): Promise<void> {
  // What the script left running in its group ends with it, as in Actions; it would hold the pipes open, too.
  signalGroup(child, "SIGKILL");
  const script = scripts.get(id);
  await Promise.race([Promise.all([ended(child.stdout), ended(child.stderr)]), after(DRAIN_MS)]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (script) script.child = undefined; // Its number may soon be another process's.
  send({ kind: "ended", id, exitCode, signal });
}

function ended(stream: Readable | null): Promise<void> {
  if (!stream || stream.readableEnded || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("end", resolve);
    stream.once("close", resolve);
  });
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** To the whole process group: the script is its leader. One that is gone, or another account's, is left alone. */
function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

function send(message: FromSpawner): void {
  // A channel that breaks at this moment must not end this process before it has killed the scripts.
  if (process.connected) process.send?.(message, () => {});
}
