/**
 * Which version of each hook a node has, so that it can be compared with what other nodes have: equal for equal files, on
 * every machine and in whatever folder they lie. (What judges a delivery has a digest of its own: see `hook-set.ts`.)
 */
import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isInOrder } from "../match/executable.ts";
import type { Hook, Work } from "../match/hook.ts";
import { sortMembers } from "./hook-set.ts";

export interface HookVersion {
  name: string;
  /** Hexadecimal; `null` of a file that is there and not loaded: it is broken, or new. */
  version: string | null;
  /** Whether it works on a delivery one after the other with others like it; only where it does. */
  inOrder?: true;
}

/** Enough to tell versions of one hook apart, short enough to be read out. */
const LENGTH = 12;

/**
 * @param names of all files, be they loaded or not.
 * @returns by name.
 */
export async function hookVersions(hooks: readonly Hook[], names: readonly string[]): Promise<HookVersion[]> {
  const loaded = await Promise.all(
    hooks.map(async (hook) => ({
      name: hook.name,
      version: await versionOf(hook),
      ...(isInOrder(hook) ? { inOrder: true as const } : {}),
    })),
  );
  const others = names.filter((name) => !hooks.some((hook) => hook.name === name));
  return [...loaded, ...others.map((name) => ({ name, version: null }))].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** One digest for all of them, in hexadecimal. */
export function digestOfVersions(versions: readonly HookVersion[]): string {
  return digestOf(versions.map(({ name, version }) => [name, version]));
}

async function versionOf({ file: _file, disabled: _disabled, work, ...rest }: Hook): Promise<string> {
  return digestOf({ ...rest, work: await withoutPlace(work) });
}

/** What it does, without where it lies. */
async function withoutPlace(work: Work): Promise<object> {
  if (work.kind === "handler") {
    const modules = work.code.modules.map(({ format, source }) => `${format} ${source}`).sort();
    return { ...work, code: modules };
  }
  if (work.kind !== "executable") return work;
  const { kind, path, timeoutMs } = work;
  // One that is away at this moment is read again with the folder.
  const bytes = await readFile(path).catch(() => "");
  return { kind, timeoutMs, code: hash("sha256", bytes) };
}

function digestOf(value: object): string {
  return hash("sha256", JSON.stringify(value, sortMembers)).slice(0, LENGTH);
}
