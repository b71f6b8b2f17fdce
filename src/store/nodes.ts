/**
 * The nodes of a server: one row for each `longshore serve`, which says every few seconds that it is there and which hooks
 * it has. What is known of a node outlives it for a while: whoever is started again soon finds the runs waiting that only
 * it can perform.
 *
 * All times are those of the node that wrote them.
 */
import type { Selectable } from "kysely";
import { digestOfVersions, type HookVersion } from "../config/hook-versions.ts";
import type { Database } from "./store.ts";
import type { Tables } from "./tables.ts";

/** What a node says of itself. */
export interface NodeSelf {
  /** `host/process number/random`. */
  name: string;
  /** Such as `receiver`. */
  roles: readonly string[];
  version: string;
  /** The path of its hooks on its machine. */
  hooksFolder: string;
  /** Epoch milliseconds, like all times here. */
  startedAt: number;
}

/** Which hooks a node has, or could perform. */
export interface NodeHooks {
  versions: readonly HookVersion[];
  /** When its folder was read: of runs that were queued later than that it may not know the hook yet. */
  readAt: number;
}

/** `up`: seen a moment ago. `gone`: it has stopped without a word. `stopped`: somebody has stopped it. */
export type NodeState = "up" | "gone" | "stopped";

export interface Node extends NodeSelf {
  state: NodeState;
  seenAt: number;
  stoppedAt: number | null;
  hooks: NodeHooks & { digest: string };
}

/** A node that is there is seen at least this often. */
export const BEAT_EVERY_MS = 5_000;
const GONE_AFTER_MS = 15_000;
const HOUR_MS = 3_600_000;
/** For so long it is remembered, unless it comes back before. */
const STOPPED_KEPT_MS = HOUR_MS;
const GONE_KEPT_MS = 24 * HOUR_MS;

/**
 * Says that a node is there.
 *
 * @param hooks absent where it cannot tell at the moment: what it has said before still counts.
 */
export async function noteNode(
  db: Database,
  { name, roles, version, hooksFolder: hooks_folder, startedAt: started_at }: NodeSelf,
  { hooks, now }: { hooks?: NodeHooks; now: number },
): Promise<void> {
  const state = { seen_at: now, stopped_at: null, ...(hooks && toColumns(hooks)) };
  const none = toColumns({ versions: [], readAt: 0 });
  await db
    .insertInto("nodes")
    .values({ name, roles: roles.join(" "), version, hooks_folder, started_at, ...none, ...state })
    .onConflict((conflict) => conflict.column("name").doUpdateSet(state))
    .execute();
}

/** Says that a node has been stopped. */
export async function noteStop(db: Database, name: string, now: number): Promise<void> {
  await db.updateTable("nodes").set({ seen_at: now, stopped_at: now }).where("name", "=", name).execute();
}

/** All nodes, and those that are still remembered, in the order in which they were started. */
export async function listNodes(db: Database, now: number): Promise<Node[]> {
  const rows = await db.selectFrom("nodes").selectAll().orderBy("started_at").orderBy("name").execute();
  return rows.filter((row) => !isForgotten(row, now)).map((row) => toNode(row, now));
}

/** `false` when there is none of this name. */
export async function forgetNode(db: Database, name: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom("nodes").where("name", "=", name).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Forgets those of whom nothing has been heard for long. */
export async function forgetOldNodes(db: Database, now: number): Promise<void> {
  await db
    .deleteFrom("nodes")
    .where("stopped_at", "<", now - STOPPED_KEPT_MS)
    .execute();
  await db
    .deleteFrom("nodes")
    .where("seen_at", "<", now - GONE_KEPT_MS)
    .execute();
}

type Row = Selectable<Tables["nodes"]>;

/** Whether a node is there that performs runs. */
export function isWorking({ state, roles }: Node): boolean {
  return state === "up" && roles.includes("worker");
}

function toNode(row: Row, now: number): Node {
  return {
    name: row.name,
    roles: row.roles.split(" "),
    version: row.version,
    hooksFolder: row.hooks_folder,
    startedAt: row.started_at,
    state: row.stopped_at !== null ? "stopped" : now - row.seen_at > GONE_AFTER_MS ? "gone" : "up",
    seenAt: row.seen_at,
    stoppedAt: row.stopped_at,
    hooks: {
      versions: JSON.parse(row.hooks) as HookVersion[],
      readAt: row.hooks_read_at,
      digest: row.hooks_digest,
    },
  };
}

function toColumns({ versions, readAt }: NodeHooks) {
  return {
    hooks: JSON.stringify(versions),
    hooks_digest: digestOfVersions(versions),
    hooks_read_at: readAt,
  };
}

function isForgotten({ seen_at, stopped_at }: Row, now: number): boolean {
  return stopped_at !== null ? now - stopped_at > STOPPED_KEPT_MS : now - seen_at > GONE_KEPT_MS;
}
