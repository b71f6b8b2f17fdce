/** Handler files in the hooks folder. What they say of themselves only their own process can know. */
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { checkHandlerDefinition } from "../../config/handler-definition.ts";
import type { HookReader } from "../../config/hook-folder.ts";
import type { Problem } from "../../config/problem.ts";
import { Spawner } from "../spawner.ts";
import type { HandlerRefusal } from "./messages.ts";
import { HandlerPool, type HandlerPoolOptions } from "./pool.ts";

const ENDINGS = [".ts", ".mts", ".js", ".mjs"];
/** Files come in a row when a folder is read; the spawner need not be started for each. */
const SPAWNER_ENDS_AFTER_MS = 5_000;

/** Reads handler files: the hook's name is the path without its ending. */
export function handlerHooks(handlers: Pick<HandlerPool, "read">): HookReader {
  return {
    takes: (path) => ENDINGS.includes(extname(path)) && !/\.d\.m?ts$/.test(basename(path)),
    nameOf: (path) => path.slice(0, -extname(path).length),
    async read(name, file, context) {
      const answer = await handlers.read(file);
      if (!("code" in answer)) return { problems: [toProblem(file, answer)], imports: answer.imports };
      const [, ...imports] = answer.code.modules.map(({ url }) => fileURLToPath(url));
      return { ...checkHandlerDefinition(name, file, answer, answer.code, context), imports };
    },
  };
}

/** For whoever performs no runs, and only wants to know what handler files say. Nothing is started before there is one. */
export class HandlerFiles {
  readonly reader = handlerHooks({ read: (file) => this.#read(file) });
  readonly #options: Omit<HandlerPoolOptions, "maxIdle">;
  #spawner?: Spawner;
  #timer?: NodeJS.Timeout;

  constructor(options: Omit<HandlerPoolOptions, "maxIdle"> = {}) {
    this.#options = options;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const spawner = this.#spawner;
    this.#spawner = undefined;
    await spawner?.close();
  }

  async #read(file: string): ReturnType<HandlerPool["read"]> {
    clearTimeout(this.#timer);
    this.#spawner ??= new Spawner();
    try {
      return await new HandlerPool(this.#spawner, { ...this.#options, maxIdle: 0 }).read(file);
    } finally {
      this.#timer = setTimeout(() => void this.close(), SPAWNER_ENDS_AFTER_MS).unref();
    }
  }
}

function toProblem(file: string, { message, place }: HandlerRefusal): Problem {
  const at = place ?? { file, line: null, column: null };
  return { ...at, severity: "error", message };
}
