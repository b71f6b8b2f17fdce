/** How a hook's conditions read, and where its page is. */
import type { Hook } from "../api/types.ts";

/** `push (branches: main)`. */
export function triggerText({ event, ...filters }: Hook["on"][number]): string {
  const parts = Object.entries(filters).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? value.join(" ") : String(value)}`,
  );
  return parts.length === 0 ? event : `${event} (${parts.join("; ")})`;
}

/** A name may have slashes, as its file is in folders. */
export function hookPath(name: string): string {
  return `/hooks/${name.split("/").map(encodeURIComponent).join("/")}`;
}

/** `a mistake`, `2 mistakes`. */
export function mistakes(count: number): string {
  return count === 1 ? "a mistake" : `${count} mistakes`;
}
