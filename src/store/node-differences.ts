/** Where nodes do not have the same hooks: by mistake, for a moment while files are brought out, or on purpose. */
import type { HookVersion } from "../config/hook-versions.ts";
import type { Node } from "./nodes.ts";

export interface HookDifference {
  hook: string;
  /** A sentence that names the nodes, with a small letter and no point at its end. */
  message: string;
  /** Whether it can hardly be wanted. Workers may well have hooks of their own. */
  isFault: boolean;
}

/** @returns by hook; several of one where several things differ. */
export function hookDifferences(nodes: readonly Node[]): HookDifference[] {
  const up = nodes.filter(({ state }) => state === "up");
  const hooks = [
    ...new Set(up.flatMap(({ hooks: { versions } }) => versions.map(({ name }) => name))),
  ].sort();
  return hooks.flatMap((hook) => differencesOf(hook, up));
}

function differencesOf(hook: string, nodes: readonly Node[]): HookDifference[] {
  const has = (node: Node) => versionOn(node, hook) !== undefined;
  const receivers = nodes.filter(isA("receiver"));
  const workers = nodes.filter(isA("worker"));
  const found: HookDifference[] = [];
  const add = (message: string, isFault = true) =>
    found.push({ hook, message: `${hook} ${message}`, isFault });

  const versions = Map.groupBy(nodes.filter(has), (node) => versionOn(node, hook)?.version ?? "not loaded");
  if (versions.size > 1)
    add(
      `is not the same everywhere: ${[...versions].map(([version, on]) => `${version} on ${list(on)}`).join("; ")}`,
    );
  const deaf = receivers.filter((node) => !has(node));
  if (deaf.length > 0) add(`is not on ${list(deaf)}: what comes in there does not start it`);
  if (receivers.some(has) && workers.length > 0 && !workers.some(has))
    add("is on no worker: nobody performs its runs");
  const some = workers.filter(has);
  if (some.length > 0 && some.length < workers.length) add(`is performed on ${list(some)} only`, false);
  return found;
}

function versionOn({ hooks }: Node, hook: string): HookVersion | undefined {
  return hooks.versions.find(({ name }) => name === hook);
}

function isA(role: string): (node: Node) => boolean {
  return ({ roles }) => roles.includes(role);
}

function list(nodes: readonly Node[]): string {
  return nodes.map(({ name }) => name).join(", ");
}
