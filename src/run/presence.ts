/**
 * A node among the others: says that it is there and which hooks it has, and looks what other workers have. The order of
 * runs is kept among all of them, and none fails a run that another one may perform.
 */
import { type HookVersion, hookVersions } from "../config/hook-versions.ts";
import type { Hook } from "../match/hook.ts";
import {
  BEAT_EVERY_MS,
  forgetNode,
  listNodes,
  type Node,
  type NodeSelf,
  noteNode,
  noteStop,
} from "../store/nodes.ts";
import type { Database } from "../store/store.ts";
import { isDeadWorker } from "./worker-name.ts";

/** The hooks folder as it has been read last. */
export interface LoadedHooks {
  readonly hooks: readonly Hook[];
  /** Epoch milliseconds. */
  readonly readAt: number;
  /** Of all files, be they broken; `undefined` while nobody can tell. */
  readonly names: readonly string[] | undefined;
  /** Whether there is a file for it, be it broken. */
  has(hook: string): boolean;
  /** What has become of a hook that is none of them, for people. */
  whyGone(hook: string): string;
}

/** What other workers have. */
export interface Elsewhere {
  /** Hooks that a worker which is there has loaded. */
  hooks: readonly string[];
  /** Those of them that work on a delivery one after the other. */
  inOrder: readonly string[];
  /** Also those of workers that may come back, and files that are not loaded. */
  known: ReadonlySet<string>;
  /** What was queued later may be of a hook that another node has not found yet, or not told of; epoch milliseconds. */
  readAt: number;
}

/** How far the clocks of several machines may be apart. */
const CLOCKS_DIFFER_MS = 5_000;

export class Presence {
  readonly #db: Database;
  readonly #self: NodeSelf;
  #told?: { of: readonly unknown[]; versions: readonly HookVersion[] };
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(db: Database, self: NodeSelf) {
    this.#db = db;
    this.#self = self;
  }

  get name(): string {
    return this.#self.name;
  }

  /**
   * To be called every second: writes when the hooks have changed, and else every few seconds.
   *
   * @param more hooks that come from elsewhere than the folder.
   */
  async tell({ hooks, names, readAt }: LoadedHooks, more: readonly Hook[]): Promise<void> {
    // Without its folder a node can perform nothing, and yet nobody has removed its hooks.
    const of = names && [...hooks, ...more, ...names];
    const hasChanged = of !== undefined && !isSame(of, this.#told?.of);
    if (!hasChanged && performance.now() - this.#toldAt < BEAT_EVERY_MS) return;
    const versions = hasChanged ? await hookVersions([...hooks, ...more], names ?? []) : this.#told?.versions;
    const current = names && versions && { versions, readAt };
    await noteNode(this.#db, this.#self, { hooks: current, now: Date.now() });
    if (of && versions) {
      if (!this.#told) await this.#replace();
      this.#told = { of, versions };
    }
    this.#toldAt = performance.now();
  }

  async leave(): Promise<void> {
    await noteStop(this.#db, this.#self.name, Date.now());
  }

  /** What the other workers have, as they have said last. */
  async look(): Promise<Elsewhere> {
    const others = await this.#others();
    const workers = others.filter(({ roles }) => roles.includes("worker"));
    const loaded = versionsOf(workers.filter(isUp)).filter(({ version }) => version !== null);
    return {
      hooks: [...new Set(loaded.map(({ name }) => name))],
      inOrder: [...new Set(loaded.filter(({ inOrder }) => inOrder).map(({ name }) => name))],
      known: new Set(versionsOf(workers).map(({ name }) => name)),
      readAt: Math.min(...others.filter(isUp).map(({ hooks }) => hooks.readAt)) - CLOCKS_DIFFER_MS,
    };
  }

  /** A node that has ended on this machine, and did what this one does with the same hooks, is this one now. */
  async #replace(): Promise<void> {
    const { name, roles, hooksFolder } = this.#self;
    for (const other of await this.#others())
      if (
        other.roles.join() === roles.join() &&
        other.hooksFolder === hooksFolder &&
        isDeadWorker(other.name, name)
      )
        await forgetNode(this.#db, other.name);
  }

  async #others(): Promise<Node[]> {
    const nodes = await listNodes(this.#db, Date.now());
    return nodes.filter(({ name }) => name !== this.#self.name);
  }
}

function isUp({ state }: Node): boolean {
  return state === "up";
}

function versionsOf(nodes: readonly Node[]): HookVersion[] {
  return nodes.flatMap(({ hooks }) => hooks.versions);
}

function isSame(one: readonly unknown[], other: readonly unknown[] | undefined): boolean {
  return one.length === other?.length && one.every((item, index) => item === other[index]);
}
