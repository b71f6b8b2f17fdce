/**
 * The hooks folder, read again and again: which hooks are loaded, and what is wrong with the others.
 *
 * A file is loaded once it has stood still for one reading, so that a half-written one is not; the whole set is
 * swapped at once; a file that does not check keeps its last good version.
 */
import { type Dirent, existsSync, readFileSync, type Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, extname, join, relative, sep } from "node:path";
import type { Hook } from "../match/hook.ts";
import { checkHookFile } from "./hook-file.ts";
import { type Problem, problem } from "./problem.ts";

const ENDINGS = [".yml", ".yaml"];

interface Loaded {
  /** What the file looked like when it was loaded. */
  mark: string;
  /** The last version that checked. */
  hook?: Hook;
  problems: readonly Problem[];
}

export class HookFolder {
  readonly path: string;
  #loaded = new Map<string, Loaded>();
  #lastSeen = new Map<string, string>();
  /** The file of each hook, by its name. */
  #owners: ReadonlyMap<string, string> = new Map();
  #hooks: readonly Hook[] = [];
  #problems: readonly Problem[] = [];
  #readAt = 0;
  #reading?: Promise<boolean>;

  constructor(path: string) {
    this.path = path;
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
    const files = [...this.#loaded.keys(), ...this.#lastSeen.keys()];
    return files.some((file) => hookName(this.path, file) === name);
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
    const settled = (file: string) => this.#lastSeen.get(file) === seen.get(file);
    const next = new Map<string, Loaded>();
    let changed = false;
    for (const file of new Set([...this.#loaded.keys(), ...seen.keys()])) {
      const before = this.#loaded.get(file);
      const mark = seen.get(file);
      if (before && (mark === before.mark || !settled(file))) next.set(file, before);
      else if (settled(file)) {
        changed = true;
        if (mark !== undefined) next.set(file, this.#loadFile(file, mark, before));
      }
    }
    this.#lastSeen = seen;
    this.#readAt = began;
    if (changed) this.#swap(next);
    return changed;
  }

  #loadFile(file: string, mark: string, before?: Loaded): Loaded {
    try {
      const { value, problems } = checkHookFile(hookName(this.path, file), file, readFileSync(file, "utf8"));
      return { mark, hook: value ?? before?.hook, problems };
    } catch (error) {
      return {
        mark,
        hook: before?.hook,
        problems: [problem(file, `cannot be read: ${(error as Error).message}`)],
      };
    }
  }

  #swap(next: Map<string, Loaded>): void {
    this.#loaded = next;
    // Of two files with one name the one that is loaded stays: a stray copy must not take a hook over.
    const isOwner = (file: string) => this.#owners.get(hookName(this.path, file)) === file;
    const files = [...next.keys()].sort();
    const owners = new Map<string, string>(
      files.filter(isOwner).map((file) => [hookName(this.path, file), file]),
    );
    const doubles: Problem[] = [];
    for (const file of files) {
      const name = hookName(this.path, file);
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

/** The path below the folder without its ending, with `/` on every system. */
function hookName(folder: string, file: string): string {
  return relative(folder, file).slice(0, -extname(file).length).split(sep).join("/");
}

/**
 * Every hook file below the folder, with a mark that changes whenever the file does. None when there is no folder.
 *
 * @param above the real paths of the folders on the way here: a link to one of them would lead round and round.
 */
async function findFiles(folder: string, above: readonly string[] = []): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const real = await realpath(folder).catch(() => folder);
  if (above.includes(real)) return found;
  for (const entry of await list(folder)) {
    if (/^[._]/.test(entry.name) || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    // Links are followed, so that a folder that is swapped by its link, as Kubernetes does it, is seen to change.
    const target = await stat(path).catch(() => undefined);
    if (target?.isDirectory())
      for (const [file, mark] of await findFiles(path, [...above, real])) found.set(file, mark);
    else if (target?.isFile() && ENDINGS.includes(extname(entry.name))) found.set(path, markOf(target));
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

function markOf({ dev, ino, size, mtimeMs }: Stats): string {
  return `${dev}:${ino}:${size}:${mtimeMs}`;
}
