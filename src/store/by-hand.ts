/**
 * Deliveries that a person made here, with `longshore run`: their runs need something to be about. They cannot be taken
 * for GitHub's: no request can bring a GUID like theirs, and nobody has vouched for them, so they name no secret, no
 * webhook and no sender's address.
 */
import { hash, randomUUID } from "node:crypto";
import type { RunGroup } from "../match/concurrency.ts";
import type { Facts } from "../match/payload.ts";
import { acceptGroup } from "./accept.ts";
import { pack } from "./packing.ts";
import { QueueLimit } from "./queue-limit.ts";
import type { Store } from "./store.ts";

/** The receiver refuses a GUID with a colon. */
const BY_HAND = "by-hand:";

/** Whether a person made this delivery here, and not GitHub. */
export function isByHand({ guid }: { guid: string }): boolean {
  return guid.startsWith(BY_HAND);
}

/** Stores such a delivery with one run of one hook, whatever the hook's filters say. */
export async function storeByHand(
  { db, dictionary }: Pick<Store, "db" | "dictionary">,
  made: {
    hook: string;
    /** That of the run, if the hook has one. */
    group?: RunGroup;
    source: string;
    event: string;
    facts: Facts;
    body: Buffer;
    /** The person who wants it. */
    askedBy: string;
    /** How many runs of the hook may wait. */
    maxQueued: number;
    now: number;
  },
): Promise<{ delivery: number; run: number }> {
  const { hook, group, source, event, facts, body, askedBy, maxQueued, now } = made;
  const { action, repository, ref, sha, sender } = facts;
  const arrival = {
    source,
    webhookId: 0,
    guid: `${BY_HAND}${randomUUID()}`,
    event,
    action,
    repository,
    ref,
    sha,
    sender,
    receivedAt: now,
    client: null,
    secret: null,
    size: body.length,
    hooks: [hook],
    groups: group && { [hook]: group },
    pushedAt: facts.pushedAt,
    loadedHooks: [hook],
    holdReplays: false,
    askedBy,
    pack: pack(dictionary, [{ headers: [["content-type", "application/json"]], body }]),
    packIndex: 0,
    digest: hash("sha256", body, "buffer"),
  };
  const [acceptance] = await acceptGroup(db, [arrival], null, { limit: new QueueLimit(maxQueued) });
  const [run] = acceptance?.runs ?? [];
  if (!acceptance || run === undefined) throw new Error("the store gave no answer");
  return { delivery: acceptance.delivery, run };
}
