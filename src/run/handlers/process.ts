/**
 * The process of one handler file: loads it, says what it is, and performs one run after another. What goes wrong in
 * it can be anything, because the code is somebody's; whatever it is, this process must say so or end, and the worker
 * (`handler.ts`) sees to the rest.
 */
import { flushCompileCache } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { hideCompileCache } from "../../config/compile-cache.ts";
import type { HandlerCode } from "../../match/hook.ts";
import { DEFINED } from "./define-hook.ts";
import type { FromHandler, HandlerRun, ToHandler } from "./messages.ts";
import { HandlerModules } from "./modules.ts";
import { describeRefusal } from "./refusal.ts";
import { type Definition, performInHandler } from "./run.ts";
import { Watch } from "./watch.ts";

/** Kept from the handler's hands, as is the channel itself. */
const post = process.send?.bind(process);
const watch = new Watch();
process.send = undefined;
hideCompileCache();

let definition: Definition | undefined;

process.on("message", (message: ToHandler) => {
  if (message.kind === "load") void load(message.file, message.code);
  else if (definition) void perform(definition, message.run);
});
// Nobody is left to hear of it.
process.on("disconnect", () => process.exit());

async function load(file: string, known?: HandlerCode): Promise<void> {
  const modules = new HandlerModules(known);
  const url = known?.modules[0]?.url ?? pathToFileURL(file).href;
  try {
    const loading = () => import(url).then(({ default: found }) => found);
    const found: unknown = await watch.over(loading, "a top-level `await` never ends");
    if (!isDefinition(found)) throw new NoHandler(found);
    definition = found;
    keepForOthers();
    send({ kind: "loaded", ...report(found), code: modules.code() });
  } catch (error) {
    keepForOthers();
    const tried = modules.tried().map((one) => fileURLToPath(one));
    send({ kind: "refused", ...describeRefusal(error, tried), imports: tried.slice(1) });
  }
}

async function perform(hook: Definition, run: HandlerRun): Promise<void> {
  const end = await performInHandler(hook, run, watch);
  keepForOthers();
  send({ kind: "ended", ...end });
}

/** What Node has made of the files so far. At its end it would do so by itself, but this process is killed. */
function keepForOthers(): void {
  flushCompileCache();
}

class NoHandler extends Error {
  constructor(found: unknown) {
    super(
      isNothing(found)
        ? "it has no default export: write `export default defineHook({ … })`"
        : "its default export was not made by `defineHook`",
    );
  }
}

/** A file without a word of export is a module of Node's old kind, which exports an empty object. */
function isNothing(found: unknown): boolean {
  return (
    found === undefined || (typeof found === "object" && found !== null && Object.keys(found).length === 0)
  );
}

function isDefinition(found: unknown): found is Definition {
  return typeof found === "object" && found !== null && DEFINED in found;
}

/** As data: what cannot be said in JSON is left out, save that a key is a function. */
function report(hook: Definition): { data: Record<string, unknown>; functions: string[] } {
  const entries = Object.entries(hook);
  return {
    data: JSON.parse(JSON.stringify(hook)),
    functions: entries.filter(([, value]) => typeof value === "function").map(([key]) => key),
  };
}

function send(message: FromHandler): void {
  // A channel that breaks is told of by "disconnect".
  post?.(message, () => {});
}
