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
  const content = JSON.stringify({ hooks }, judging);
  return { hooks, content, digest: hash("sha256", content) };
}

/** A handler's code judges nothing, so its version stands for it. */
function judging(name: string, value: unknown): unknown {
  return name === "modules" ? [] : sortMembers(name, value);
}

/** For JSON: members by name, so that the order in which somebody put them down makes no other text. */
export function sortMembers(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
