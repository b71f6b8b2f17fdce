/**
 * How a handler process finds modules: `longshore` is Longshore's own wherever the hooks folder lies, and the handler's
 * files are those of the moment in which it was loaded, whatever has become of them on the disk.
 */
import { createHash } from "node:crypto";
import { type LoadHookSync, type ResolveHookSync, registerHooks } from "node:module";
import type { HandlerCode, HandlerModule } from "../../match/hook.ts";

const OURS = new URL("./define-hook.ts", import.meta.url).href;

type Recorded = HandlerModule & { imports: Record<string, string> };

/** The files that a handler is made of, as they are loaded. */
export class HandlerModules {
  readonly #known: ReadonlyMap<string, HandlerModule>;
  readonly #recorded = new Map<string, Recorded>();
  /** In order, the handler's own file first; also those that turned out to be none. */
  readonly #tried = new Set<string>();

  /** From now on everything that is imported is found this way. */
  constructor(code: HandlerCode | undefined) {
    this.#known = new Map(code?.modules.map((module) => [module.url, module]));
    registerHooks({ resolve: this.#resolve, load: this.#load });
  }

  /** What has been loaded so far, the handler's own file first. */
  code(): HandlerCode {
    const [first, ...others] = this.#recorded.values();
    // The order in which imports are found is not always the same.
    const modules = first ? [first, ...others.sort((a, b) => (a.url < b.url ? -1 : 1))] : [];
    const version = createHash("sha256").update(JSON.stringify(modules)).digest("hex");
    return { version, modules };
  }

  /** The URLs of all files of the hooks folder that were wanted so far. */
  tried(): string[] {
    return [...this.#tried];
  }

  readonly #resolve: ResolveHookSync = (name, context, next) => {
    if (name === "longshore") return { url: OURS, shortCircuit: true };
    const known = this.#known.get(this.#known.get(context.parentURL ?? "")?.imports[name] ?? name);
    if (known) return { url: known.url, format: known.format, shortCircuit: true };
    const found = next(name, context);
    const importer = this.#recorded.get(context.parentURL ?? "");
    if (importer && this.#isOwn(found.url)) importer.imports[name] = found.url;
    return found;
  };

  readonly #load: LoadHookSync = (url, context, next) => {
    const known = this.#known.get(url);
    if (known) return { format: known.format, source: known.source, shortCircuit: true };
    if (!this.#isOwn(url)) return next(url, context);
    this.#tried.add(url);
    const loaded = next(url, context);
    const { format, source } = loaded;
    if (source != null && format != null && format !== "wasm")
      this.#recorded.set(url, { url, format, source: Buffer.from(source as string).toString(), imports: {} });
    return loaded;
  };

  /** Of the handler, not of a package that it uses, nor of Longshore. A link may have its own file in a package. */
  #isOwn(url: string): boolean {
    const isFirst = this.#known.size === 0 && this.#tried.size === 0;
    const isInPackage = url.includes("/node_modules/") && !isFirst && !this.#tried.has(url);
    return url.startsWith("file:") && !isInPackage && url !== OURS;
  }
}
