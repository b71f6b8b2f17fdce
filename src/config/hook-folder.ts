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
import type { HookContext } from "./hook-context.ts";
import { yamlHooks } from "./hook-file.ts";
import { type Problem, problem } from "./problem.ts";
import type { Checked } from "./yaml-file.ts";

/** One kind of hook file. */
export interface HookReader {
  /** Whether a file is of this kind. Its path is below the folder, with `/` on every system. */
  takes(path: string, stats: Stats): boolean;
  /** The hook's name, of a path that it takes. */
  nameOf(path: string): string;
  /** @throws when the file cannot be read. */
  read(name: string, file: string, context: HookContext): Checked<Hook> | Promise<Checked<Hook>>;
}

/** To add a kind of hook file: a reader, and its place in this list. */
const READERS: readonly HookReader[] = [yamlHooks];

/** A file as one reading of the folder finds it. */
interface Seen {
  name: string;
  reader: HookReader;
  /** Changes whenever the file does. */
  mark: string;
}

interface Loaded extends Pick<Seen, "name" | "mark"> {
  /** The last version that checked. */
  hook?: Hook;
  problems: readonly Problem[];
}

export class HookFolder {
  readonly path: string;
  readonly #context: HookContext;
  #loaded = new Map<string, Loaded>();
  #lastSeen = new Map<string, Seen>();
  /** The file of each hook, by its name. */
  #owners: ReadonlyMap<string, string> = new Map();
  #hooks: readonly Hook[] = [];
  #problems: readonly Problem[] = [];
  #readAt = 0;
  #reading?: Promise<boolean>;

  constructor(path: string, context: HookContext) {
    this.path = path;
    this.#context = context;
  }

  /** The hooks as loaded, ordered by name. A new array whenever one of them has changed. */
  get hooks(): readonly Hook[] {
    return this.#hooks;
  }

  /** What is wrong with the files as they are now. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** When the last reading began, in epoch milliseconds. */
  get readAt(): number {
    return this.#readAt;
  }

  /**
   * Whether there is a file of this name, be it broken or not loaded yet. While the whole folder is away, as a volume
   * that is not mounted is, nobody can say that a file is gone.
   */
  has(name: string): boolean {
    if (!existsSync(this.path)) return true;
    return [...this.#loaded.values(), ...this.#lastSeen.values()].some((file) => file.name === name);
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
    const seen = await findFiles(this.path);
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

  async #loadFile(file: string, { name, reader, mark }: Seen, before?: Loaded): Promise<Loaded> {
    try {
      const { value, problems } = await reader.read(name, file, this.#context);
      return { name, mark, hook: value ?? before?.hook, problems };
    } catch (error) {
      return {
        name,
        mark,
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
    const files = [...next.keys()].sort();
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
    this.#problems = [...files.flatMap((file) => next.get(file)?.problems ?? []), ...doubles];
  }
}

/**
 * Every hook file below the folder. None when there is no folder.
 *
 * @param above the real paths of the folders on the way here: a link to one of them would lead round and round.
 */
async function findFiles(
  root: string,
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
      for (const [file, seen] of await findFiles(root, path, [...above, real])) found.set(file, seen);
    else if (target?.isFile()) {
      const below = relative(root, path).split(sep).join("/");
      const reader = READERS.find((candidate) => candidate.takes(below, target));
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

function markOf({ dev, ino, mode, size, mtimeMs }: Stats): string {
  return `${dev}:${ino}:${mode}:${size}:${mtimeMs}`;
}
