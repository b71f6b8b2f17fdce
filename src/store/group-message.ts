/**
 * How a delivery goes to the thread that writes it, and what became of it comes back: as a list of values. As an object,
 * with the names of all its fields, it takes Node three times as long to get it across.
 */
import type { Acceptance, Arrival } from "./accept.ts";
import type { ArrivalToStore, PackedContents } from "./delivery-writer.ts";

/** A small body is in the memory that both sides share: see `group-memory.ts`. */
export interface SmallContents {
  /** A `HeaderList` as JSON: nobody on the other side looks into it. */
  headers: string;
  bodyBytes: number;
}

export interface GroupArrival {
  arrival: Arrival;
  contents: SmallContents | PackedContents;
}

export type ArrivalMessage = ReturnType<typeof encodeArrival>;

export function encodeArrival({ arrival: a, contents }: ArrivalToStore) {
  return [
    a.source,
    a.webhookId,
    a.guid,
    a.event,
    a.action,
    a.repository,
    a.ref,
    a.sha,
    a.sender,
    a.receivedAt,
    a.client,
    a.secret,
    a.size,
    a.hooks,
    a.groups,
    a.pushedAt,
    // The same list for nearly all of a group, which is written once.
    a.loadedHooks,
    a.holdReplays,
    a.askedBy,
    "pack" in contents ? contents : JSON.stringify(contents.headers),
    "pack" in contents ? 0 : contents.body.length,
  ] as const;
}

export function decodeArrival(message: ArrivalMessage): GroupArrival {
  const arrival: Arrival = {
    source: message[0],
    webhookId: message[1],
    guid: message[2],
    event: message[3],
    action: message[4],
    repository: message[5],
    ref: message[6],
    sha: message[7],
    sender: message[8],
    receivedAt: message[9],
    client: message[10],
    secret: message[11],
    size: message[12],
    hooks: message[13],
    groups: message[14],
    pushedAt: message[15],
    loadedHooks: message[16],
    holdReplays: message[17],
    askedBy: message[18],
  };
  const [headers, bodyBytes] = [message[19], message[20]];
  return { arrival, contents: typeof headers === "string" ? { headers, bodyBytes } : headers };
}

/** What became of one delivery of a group. */
export type GroupResult = { acceptance: Acceptance } | { failure: string };

/** Why nothing is stored, or what is. */
export type ResultMessage = ReturnType<typeof encodeResult>;

export function encodeResult(result: GroupResult) {
  if ("failure" in result) return result.failure;
  const { delivery, duplicate, replayed, runs } = result.acceptance;
  return [delivery, duplicate, replayed, runs] as const;
}

export function decodeResult(message: ResultMessage): GroupResult {
  if (typeof message === "string") return { failure: message };
  const [delivery, duplicate, replayed, runs] = message;
  return { acceptance: { delivery, duplicate, replayed, runs } };
}
