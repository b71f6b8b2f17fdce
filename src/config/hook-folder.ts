/**
 * The hooks folder, read again and again: which hooks are loaded, and what is wrong with the others.
 *
 * A file is loaded once it has stood still for one reading, so that a half-written one is not; the whole set is
 * swapped at once; a file that does not check keeps its last good version.
 */
import { type Dirent, existsSync, type Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import type { Hook } from "../match/hook.ts";
import { executableHooks } from "./executable-hook.ts";
import type { HookContext } from "./hook-context.ts";
import { yamlHooks } from "./hook-file.ts";
import { type HookSet, toHookSet } from "./hook-set.ts";
import { hasErrors, type Problem, problem } from "./problem.ts";
import type { Checked } from "./yaml-file.ts";

/** One kind of hook file. */
export interface HookReader {
  /** Whether a file is of this kind. Its path is below the folder, with `/` on every system. */
  takes(path: string, stats: Stats): boolean;
  /** The hook's name, of a path that it takes. */
  nameOf(path: string): string;
  /**
   * A file that gives neither a hook nor an error turned out to be no hook.
   *
   * @throws when the file cannot be read.
   */
  read(name: string, file: string, context: HookContext): ReadHook | Promise<ReadHook>;
}

interface ReadHook extends Checked<Hook> {
  /** Other files that it was read from: when one of them changes, it is read again. */
  imports?: readonly string[];
}

/**
 * To add a kind of hook file: a reader, and its place in this list; the last one takes what has no ending. One that
 * needs more than this folder may know is given to {@link HookFolder} by whoever opens it.
 */
const READERS: readonly HookReader[] = [yamlHooks, executableHooks];

/** As long as from one reading to the next. */
const STILL_FOR_MS = 1_000;

/** A file as one reading of the folder finds it. */
interface Seen {
  name: string;
  reader: HookReader;
  /** Changes whenever the file does, or one that it imports. */
  mark: string;
}

interface Loaded extends Pick<Seen, "name" | "mark"> {
  /** The last version that checked. */
  hook?: Hook;
  problems: readonly Problem[];
  imports: readonly string[];
}

export class HookFolder {
  readonly path: string;
  readonly #context: HookContext;
  readonly #readers: readonly HookReader[];
  #loaded = new Map<string, Loaded>();
  #lastSeen = new Map<string, Seen>();
  /** The file of each hook, by its name. */
  #owners: ReadonlyMap<string, string> = new Map();
  #hooks: readonly Hook[] = [];
  #disabled: readonly string[] = [];
  /** Made when somebody asks, and then kept until something changes. */
  #set?: HookSet;
  #problems: readonly Problem[] = [];
  #readAt = 0;
  #reading?: Promise<boolean>;

  /** @param readers more kinds of hook files; they are asked first. */
  constructor(path: string, context: HookContext, readers: readonly HookReader[] = []) {
    this.path = path;
    this.#context = context;
    this.#readers = [...readers, ...READERS];
  }

  /** The hooks as loaded, ordered by name. A new array whenever one of them has changed. */
  get hooks(): readonly Hook[] {
    return this.set.hooks;
  }

  /** The same hooks with their digest. A new object whenever one of them has changed. */
  get set(): HookSet {
    this.#set ??= toHookSet(
      this.#hooks.map((hook) => (this.#disabled.includes(hook.name) ? { ...hook, disabled: true } : hook)),
    );
    return this.#set;
  }

  /** Says which hooks are disabled, whether or not they are loaded. `true` when that has changed. */
  disable(names: readonly string[]): boolean {
    if (names.join("\n") === this.#disabled.join("\n")) return false;
    this.#disabled = names;
    this.#set = undefined;
    return true;
  }

  /** What is wrong with the files as they are now. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** When the last reading began, in epoch milliseconds. */
  get readAt(): number {
    return this.#readAt;
  }

  /** Whether there is a file of this name. While the whole folder is away nobody can say that one is gone. */
  has(name: string): boolean {
    return this.names?.includes(name) ?? true;
  }

  whyGone(name: string): string {
    return `the hook ${name} is gone: its file is no longer in the hooks folder, or no longer executable`;
  }

  /**
   * The names of all files, be they broken or not loaded yet. `undefined` while the whole folder is away, as a volume that
   * is not mounted is.
   */
  get names(): readonly string[] | undefined {
    if (!existsSync(this.path)) return undefined;
    // What was read and turned out to be no hook does not count; what is yet to be read may be one.
    const loaded = [...this.#loaded.values()].filter(isHook);
    const unread = [...this.#lastSeen].filter(([file, { mark }]) => this.#loaded.get(file)?.mark !== mark);
    return [...new Set([...loaded, ...unread.map(([, seen]) => seen)].map(({ name }) => name))];
  }

  /** Reads the folder for the first time: every file is taken as it is. */
  async load(): Promise<void> {
    await this.reload();
    await this.reload();
  }

  /** Reads the folder and loads what has changed and stands still. `true` when anything was swapped. */
  async reload(): Promise<boolean> {
    // One after the other: a slow reading that ended after a later one would bring back what is gone.
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<boolean> {
    const began = Date.now();
    const seen = await this.#look();
    const settled = (file: string) => this.#lastSeen.get(file)?.mark === seen.get(file)?.mark;
    const next = new Map<string, Loaded>();
    let changed = false;
    for (const file of new Set([...this.#loaded.keys(), ...seen.keys()])) {
      const before = this.#loaded.get(file);
      const now = seen.get(file);
      if (before && (now?.mark === before.mark || !settled(file))) next.set(file, before);
      else if (settled(file)) {
        changed = true;
        if (now) next.set(file, await this.#loadFile(file, now, before));
      }
    }
    this.#lastSeen = seen;
    this.#readAt = began;
    if (changed) this.#swap(next);
    return changed;
  }

  async #look(): Promise<Map<string, Seen>> {
    const seen = await findFiles(this.path, this.#readers);
    for (const [file, { imports }] of this.#loaded) {
      const found = seen.get(file);
      if (found) found.mark += await marksOf(imports);
    }
    return seen;
  }

  async #loadFile(file: string, { name, reader, mark }: Seen, before?: Loaded): Promise<Loaded> {
    const began = Date.now();
    try {
      const { value, problems, imports = [] } = await reader.read(name, file, this.#context);
      // What stood beside the imports of the version before is of no use for this one.
      const own = mark.split(" ", 1)[0] + (await marksOf(imports, began - STILL_FOR_MS));
      const hook = value ?? (hasErrors(problems) ? before?.hook : undefined);
      return { name, mark: own, hook, problems, imports };
    } catch (error) {
      return {
        name,
        mark,
        imports: before?.imports ?? [],
        hook: before?.hook,
        problems: [problem(file, `cannot be read: ${(error as Error).message}`)],
      };
    }
  }

  #swap(next: Map<string, Loaded>): void {
    this.#loaded = next;
    // Of two files with one name the one that is loaded stays: a stray copy must not take a hook over.
    const nameOf = (file: string) => next.get(file)?.name ?? "";
    const isOwner = (file: string) => this.#owners.get(nameOf(file)) === file;
    const all = [...next.keys()].sort();
    const files = all.filter((file) => isHook(next.get(file)));
    const owners = new Map<string, string>(files.filter(isOwner).map((file) => [nameOf(file), file]));
    const doubles: Problem[] = [];
    for (const file of files) {
      const name = nameOf(file);
      const owner = owners.get(name);
      if (owner === file) continue;
      if (owner) doubles.push(problem(file, `${basename(owner)} has the same name; rename one of them`));
      else owners.set(name, file);
    }
    this.#owners = owners;
    this.#hooks = [...owners.keys()].sort().flatMap((name) => next.get(owners.get(name) ?? "")?.hook ?? []);
    this.#set = undefined;
    this.#problems = [...all.flatMap((file) => next.get(file)?.problems ?? []), ...doubles];
  }
}

/** Whether a file is a hook, be it broken. */
function isHook(file: Loaded | undefined): boolean {
  return file !== undefined && (file.hook !== undefined || hasErrors(file.problems));
}

/**
 * Every hook file below the folder. None when there is no folder.
 *
 * @param above the real paths of the folders on the way here: a link to one of them would lead round and round.
 */
async function findFiles(
  root: string,
  readers: readonly HookReader[],
  folder = root,
  above: readonly string[] = [],
): Promise<Map<string, Seen>> {
  const found = new Map<string, Seen>();
  const real = await realpath(folder).catch(() => folder);
  if (above.includes(real)) return found;
  for (const entry of await list(folder)) {
    if (/^[._]/.test(entry.name) || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    // Links are followed, so that a folder that is swapped by its link, as Kubernetes does it, is seen to change.
    const target = await stat(path).catch(() => undefined);
    if (target?.isDirectory())
      for (const [file, seen] of await findFiles(root, readers, path, [...above, real]))
        found.set(file, seen);
    else if (target?.isFile()) {
      const below = relative(root, path).split(sep).join("/");
      const reader = readers.find((candidate) => candidate.takes(below, target));
      if (reader) found.set(path, { name: reader.nameOf(below), reader, mark: markOf(target) });
    }
  }
  return found;
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The marks of files, each behind a blank. One that has changed since `since` may be half-written: it has none yet. */
async function marksOf(files: readonly string[], since = Number.POSITIVE_INFINITY): Promise<string> {
  const all = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return all
    .map((found) => (!found ? " none" : found.mtimeMs > since ? " moving" : ` ${markOf(found)}`))
    .join("");
}

function markOf({ dev, ino, mode, size, mtimeMs }: Stats): string {
  return `${dev}:${ino}:${mode}:${size}:${mtimeMs}`;
}
