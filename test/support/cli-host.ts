/**
 * A process that runs one command after the other, each in its own folder and environment. Most of a command's time goes
 * into loading what it is made of; here that happens once. Whatever is about the process itself (signals, standard input,
 * its start and its end) is tested with a process of its own: see `Workplace.start`.
 */
import { run } from "../../src/cli/program.ts";
import type { Result } from "./server.ts";

export interface Command {
  id: number;
  args: readonly string[];
  folder: string;
  environment: NodeJS.ProcessEnv;
}

export interface Answer extends Result {
  id: number;
}

let last: Promise<void> = Promise.resolve();

process.on("message", (command: Command) => {
  last = last.then(() => perform(command));
});

async function perform({ id, args, folder, environment }: Command): Promise<void> {
  process.chdir(folder);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  const output = { stdout: capture(process.stdout), stderr: capture(process.stderr) };
  let code: number;
  try {
    code = await run(args);
  } catch (error) {
    // As `main.ts` ends when something is thrown that nobody expects.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    code = 1;
  }
  process.chdir("/");
  const answer: Answer = { id, code, stdout: output.stdout(), stderr: output.stderr() };
  process.send?.(answer);
}

/** Takes what is written until the text is asked for. */
function capture(stream: NodeJS.WriteStream): () => string {
  const parts: Buffer[] = [];
  const original = stream.write;
  stream.write = (chunk: Uint8Array | string, encoding?: unknown, done?: unknown): boolean => {
    parts.push(typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk));
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") process.nextTick(callback);
    return true;
  };
  return () => {
    stream.write = original;
    return Buffer.concat(parts).toString();
  };
}
