/** Runs commands in a process that is kept for all tests of a file: see `cli-host.ts`. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Command } from "./cli-host.ts";
import type { Result } from "./server.ts";

const HOST = fileURLToPath(new URL("./cli-host.ts", import.meta.url));

const waiting = new Map<number, PromiseWithResolvers<Result>>();
let host: ChildProcess | undefined;
let lastId = 0;

export function runCommand(command: Omit<Command, "id">): Promise<Result> {
  host ??= start();
  const answer = Promise.withResolvers<Result>();
  const id = ++lastId;
  waiting.set(id, answer);
  // It keeps this process only while somebody waits.
  host.channel?.ref();
  host.send({ id, ...command } satisfies Command);
  return answer.promise;
}

function start(): ChildProcess {
  const child = fork(HOST, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.unref();
  child.on("message", ({ id, ...result }: Answer) => {
    waiting.get(id)?.resolve(result);
    waiting.delete(id);
    if (waiting.size === 0) child.channel?.unref();
  });
  child.on("exit", () => {
    host = undefined;
    for (const { reject } of waiting.values()) reject(new Error("the process for commands has ended"));
    waiting.clear();
  });
  return child;
}
