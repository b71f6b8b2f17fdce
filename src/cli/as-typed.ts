/** How a command of ours is typed where this one was: what a person can copy has to work. */
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

/** `runs list` → `npx longshore runs list`, or without `npx` where Longshore is installed for the whole machine. */
export function asTyped(command: string): string {
  return `${isHere(fileURLToPath(import.meta.url), process.cwd()) ? "npx " : ""}longshore ${command}`;
}

/**
 * Whether it belongs to a folder: a clone, whose sources run, or a package among those of the folder where the person
 * stands or of one above.
 */
export function isHere(ownFile: string, folder: string): boolean {
  if (ownFile.endsWith(".ts")) return true;
  const [owner, ...rest] = ownFile.split(`${sep}node_modules${sep}`);
  return rest.length > 0 && `${folder}${sep}`.startsWith(`${owner}${sep}`);
}
