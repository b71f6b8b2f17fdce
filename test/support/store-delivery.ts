/** Deliveries put straight into a store, for tests of what comes after the receiver. */
import { hash, randomUUID } from "node:crypto";
import { parsePayload } from "../../src/match/body.ts";
import { readFacts } from "../../src/match/payload.ts";
import { type Acceptance, type Arrival, acceptGroup, type PackedArrival } from "../../src/store/accept.ts";
import { type HeaderList, pack } from "../../src/store/packing.ts";
import type { Store } from "../../src/store/store.ts";
import { pushPayload } from "./github.ts";

export interface StoredOptions {
  /** The names of the hooks that get a run. */
  hooks?: readonly string[];
  /** Of their runs, by the hook. */
  groups?: Arrival["groups"];
  event?: string;
  payload?: object;
  form?: boolean;
  headers?: HeaderList;
  guid?: string;
  source?: string;
  webhookId?: number;
  secret?: string;
  /** Epoch milliseconds. */
  receivedAt?: number;
  pushedAt?: number;
  /** The number of the set of hooks that judged it. */
  hookSet?: number;
}

/** Stores a delivery as the receiver would; without options a push that no hook is for. */
export async function storeDelivery(store: Store, options: StoredOptions = {}): Promise<Acceptance> {
  const { event = "push", payload = pushPayload(), form = false, hooks = [] } = options;
  const json = JSON.stringify(payload);
  const body = Buffer.from(form ? `payload=${encodeURIComponent(json)}` : json);
  const headers = options.headers ?? [
    ["content-type", form ? "application/x-www-form-urlencoded" : "application/json"],
    ["x-github-event", event],
  ];
  const { action, repository, ref, sha, sender } = readFacts(event, parsePayload(Buffer.from(json)));
  const arrival: PackedArrival = {
    source: options.source ?? "github",
    webhookId: options.webhookId ?? 1001,
    guid: options.guid ?? randomUUID(),
    event,
    action,
    repository,
    ref,
    sha,
    sender,
    receivedAt: options.receivedAt ?? Date.now(),
    pushedAt: options.pushedAt,
    client: "127.0.0.1",
    secret: options.secret ?? "only",
    size: body.length,
    hooks,
    groups: options.groups,
    loadedHooks: hooks,
    holdReplays: false,
    pack: pack(store.dictionary, [{ headers, body }]),
    packIndex: 0,
    digest: hash("sha256", body, "buffer"),
  };
  const [acceptance] = await acceptGroup(store.db, [arrival], options.hookSet);
  if (!acceptance) throw new Error("the store gave no answer");
  return acceptance;
}
