/** The hooks that judge at one time, as one set with a digest: what a delivery has to remember of those that judged it. */
import { hash } from "node:crypto";
import type { Hook } from "../match/hook.ts";

export interface HookSet {
  hooks: readonly Hook[];
  /** SHA-256 of the content, in hexadecimal: equal for equal sets, on every machine. */
  digest: string;
  /** All that judges, as JSON. Hooks hold the names of secrets, never a secret's value. */
  content: string;
}

export function toHookSet(hooks: readonly Hook[]): HookSet {
  const content = JSON.stringify({ hooks }, inOrder);
  return { hooks, content, digest: hash("sha256", content) };
}

/**
 * Members by name, so that the order in which somebody put them down makes no other set. A handler's code judges nothing,
 * so its version stands for it.
 */
function inOrder(name: string, value: unknown): unknown {
  if (name === "modules") return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
