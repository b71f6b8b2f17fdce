/** The thread behind `delivery-writer.ts`: packs bodies, commits groups, one after the other. */
import { hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import type { HookSet } from "../config/hook-set.ts";
import { type Acceptance, type AcceptMemory, acceptGroup, type PackedArrival } from "./accept.ts";
import type { FromThread, ThreadData, ToThread } from "./delivery-writer.ts";
import { isStorageFault } from "./faults.ts";
import { GroupMemory } from "./group-memory.ts";
import { decodeArrival, encodeResult, type GroupArrival, type GroupResult } from "./group-message.ts";
import { keepHookSet } from "./hook-sets.ts";
import { type Contents, type Dictionary, pack } from "./packing.ts";
import { QueueLimit } from "./queue-limit.ts";
import { keepRefusals } from "./refusals.ts";
import { SecretUses } from "./secrets.ts";
import { forgetBodies, SeenBodies } from "./seen-bodies.ts";
import { openStore } from "./store.ts";

class DiskNearlyFull extends Error {}

const options = workerData as ThreadData;
const memory = new GroupMemory(options.memory);
const store = await openStore(options.database, {
  durable: true,
  maintainedElsewhere: options.maintainedElsewhere,
  busyMs: options.busyMs,
  // Groups are stored one after the other; one more for what is said to workers.
  connections: 2,
});
const kept: AcceptMemory = {
  limit: new QueueLimit(options.maxQueued, (hook) => report({ kind: "full", hook })),
  bodies: new SeenBodies(),
  secretUses: new SecretUses(),
};

/** The hooks that judge now, and the number that they are stored under, once they are. */
let judging: HookSet | undefined;
let hookSet: number | null = null;

/** One message at a time: a group is committed before the next one is looked at. */
let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (message: ToThread) => {
  last = last
    .then(() => handle(message))
    .catch((error: unknown) => report({ kind: "trouble", message: textOf(error) }));
});
report({ kind: "ready", dictionary: store.dictionary });

async function handle(message: ToThread): Promise<void> {
  switch (message.kind) {
    case "group": {
      if (message.hookSet) [judging, hookSet] = [message.hookSet, null];
      const results = await storeGroup(message.arrivals.map(decodeArrival), memory.read(message.part));
      report({ kind: "group", part: message.part, results: results.map(encodeResult) });
      // Nobody waits for it any more.
      return kept.bodies.tidy(store.db);
    }
    case "refusals":
      return keepRefusals(store.db, message.refusals);
    case "forget":
      return forgetBodies(store.db, message.source, message.liveSecrets);
    case "close":
      await store.close();
      parentPort?.close();
  }
}

/** @param isRetry whether it has failed before, by a set of hooks that may have been pruned. */
async function storeGroup(
  arrivals: readonly GroupArrival[],
  bytes: Uint8Array,
  isRetry = false,
): Promise<GroupResult[]> {
  const isRemembered = hookSet !== null;
  try {
    requireFreeDisk();
    if (judging) hookSet ??= await keepHookSet(store.db, judging);
    const packed = packAll(arrivals, bytes, store.dictionary);
    const acceptances = await acceptGroup(store.db, packed, hookSet, kept);
    if (acceptances.some(({ runs }) => runs.length > 0)) store.announce();
    return acceptances.map(succeeded);
  } catch (error) {
    hookSet = null;
    if (isRemembered && !isRetry && !isEverybodysFault(error)) return storeGroup(arrivals, bytes, true);
    // It may be one delivery's fault; then the others of its group must not pay for it.
    if (arrivals.length > 1 && !isEverybodysFault(error)) return storeOneByOne(arrivals, bytes);
    report({ kind: "trouble", message: textOf(error) });
    return arrivals.map(() => ({ failure: textOf(error) }));
  }
}

async function storeOneByOne(arrivals: readonly GroupArrival[], bytes: Uint8Array): Promise<GroupResult[]> {
  const results: GroupResult[] = [];
  let offset = 0;
  for (const arrival of arrivals) {
    const length = "bodyBytes" in arrival.contents ? arrival.contents.bodyBytes : 0;
    results.push(...(await storeGroup([arrival], bytes.subarray(offset, offset + length))));
    offset += length;
  }
  return results;
}

/** The small bodies go into one pack; a large one has come in its own. */
function packAll(
  arrivals: readonly GroupArrival[],
  bytes: Uint8Array,
  dictionary: Dictionary,
): PackedArrival[] {
  let offset = 0;
  const small: Contents[] = [];
  for (const { contents } of arrivals) {
    if ("pack" in contents) continue;
    const { headers, bodyBytes } = contents;
    small.push({ headers, body: bytes.subarray(offset, offset + bodyBytes) });
    offset += bodyBytes;
  }
  const shared = pack(dictionary, small);
  let next = 0;
  return arrivals.map(({ arrival, contents }) => {
    if ("pack" in contents) return Object.assign(arrival, contents, { packIndex: 0 });
    const packIndex = next++;
    const digest = hash("sha256", small[packIndex]?.body ?? "", "buffer");
    return Object.assign(arrival, { pack: shared, packIndex, digest });
  });
}

/** Stopping while there is room leaves enough of it to look around and tidy up. */
function requireFreeDisk(): void {
  const free = store.freeBytes();
  if (free !== undefined && free < options.minFreeDiskBytes) {
    throw new DiskNearlyFull("the disk has less free space than `min-free-disk`");
  }
}

function isEverybodysFault(error: unknown): boolean {
  return error instanceof DiskNearlyFull || isStorageFault(error);
}

function succeeded(acceptance: Acceptance): GroupResult {
  return { acceptance };
}

function report(message: FromThread): void {
  parentPort?.postMessage(message);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
