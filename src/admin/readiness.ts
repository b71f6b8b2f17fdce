/** Whether this node can do its work: for whoever decides where requests go. It tells nothing of what is stored. */

import { readAddresses } from "../store/github-addresses.ts";
import { takeSingleton } from "../store/singletons.ts";
import type { AdminParts } from "./parts.ts";

export interface Readiness {
  isReady: boolean;
  checks: {
    store: "ok" | "not writable" | "disk full";
    hooks: "ok" | "not read";
    /** An old list is no reason to send requests elsewhere: all nodes have the same. */
    addresses: "ok" | "old" | "not used";
  };
}

const HOOKS_READ_WITHIN_MS = 30_000;
const ADDRESSES_OLD_MS = 2 * 86_400_000;

export async function readinessOf(parts: AdminParts): Promise<Readiness> {
  const checks = {
    store: await checkStore(parts),
    hooks: Date.now() - parts.hooksReadAt() < HOOKS_READ_WITHIN_MS ? ("ok" as const) : ("not read" as const),
    addresses: await checkAddresses(parts).catch(() => "old" as const),
  };
  return { isReady: checks.store === "ok" && checks.hooks === "ok", checks };
}

/** Something is really written: a full disk, a lock and a standby all read well. */
async function checkStore({ store, node, settings }: AdminParts): Promise<Readiness["checks"]["store"]> {
  const freeBytes = store.freeBytes();
  if (freeBytes !== undefined && freeBytes < settings.minFreeDiskBytes) return "disk full";
  try {
    await takeSingleton(store.db, "ready", node.name, { now: Date.now(), leaseMs: 0 });
    return "ok";
  } catch {
    return "not writable";
  }
}

async function checkAddresses({ store, settings }: AdminParts): Promise<Readiness["checks"]["addresses"]> {
  if (!settings.sources.some(({ allowFrom }) => allowFrom.includes("github"))) return "not used";
  const list = await readAddresses(store.db, settings.githubApiUrl);
  return list && Date.now() - Date.parse(list.checkedAt) < ADDRESSES_OLD_MS ? "ok" : "old";
}
