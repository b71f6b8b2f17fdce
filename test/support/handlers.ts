/** Handler files for a worker in this process. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { handlerHooks } from "../../src/run/handlers/hooks.ts";
import { CONTEXT } from "./hooks.ts";
import { type Scope, temporaryFolder } from "./temporary.ts";
import type { EndedRun, TestWorker } from "./worker.ts";

export interface TestHandlers {
  /** The hooks folder: in no package. */
  folder: string;
  write(file: string, text: string): void;
  /** Loads a handler file, anew if it was loaded before, as the hook of its name. */
  load(file: string, text?: string, timeoutMs?: number): Promise<string>;
  /** Loads a new file whose `run` has this body, and performs it for a push. */
  run(body: string, timeoutMs?: number): Promise<EndedRun>;
}

/** Never lets anything else happen in its process, as an endless loop, which would take a whole core from the other tests. */
export const ENDLESS = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);";

/** A handler for pushes; `body` is that of its `run`, which has the parts of its input as variables. */
export function handlerText(body: string, more = ""): string {
  return `import { defineHook } from "longshore";
export default defineHook({
  on: "push",
  ${more}
  async run({ delivery, event, payload, log, signal, env, ...rest }) {
    ${body}
  },
});
`;
}

export function handlersOf(t: Scope, work: TestWorker): TestHandlers {
  const folder = temporaryFolder(t);
  const reader = handlerHooks(work.handlers);
  let next = 1;
  const handlers: TestHandlers = {
    folder,
    write: (file, text) => writeFileSync(join(folder, file), text),
    async load(file, text, timeoutMs) {
      if (text !== undefined) handlers.write(file, text);
      const name = reader.nameOf(file);
      const { value, problems } = await reader.read(name, join(folder, file), CONTEXT);
      assert.deepEqual(problems, []);
      assert.ok(value);
      const hook = timeoutMs === undefined ? value : { ...value, work: { ...value.work, timeoutMs } };
      const index = work.hooks.findIndex((one) => one.name === name);
      work.hooks.splice(index === -1 ? work.hooks.length : index, index === -1 ? 0 : 1, hook);
      return name;
    },
    async run(body, timeoutMs) {
      const name = await handlers.load(`handler-${next++}.ts`, handlerText(body), timeoutMs);
      return work.ended(await work.start(name));
    },
  };
  return handlers;
}
