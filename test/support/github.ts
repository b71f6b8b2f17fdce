/** Deliveries as GitHub sends them, with whatever a test wants to be different. */
import { randomUUID } from "node:crypto";
import { loadSamples } from "../../src/github/samples.ts";
import { sign } from "../../src/lib/signature.ts";
import type { Outgoing } from "./http.ts";

export const SECRET = "It's a Secret to Everybody";

/** What a proxy adds to a request from one of the addresses that play GitHub in tests. */
export const FROM_GITHUB = { "x-forwarded-for": "140.82.112.1" };

export interface DeliveryOptions {
  event?: string;
  /** An object is written as compact JSON; bytes and texts are sent as they are. */
  body?: object | Uint8Array | string;
  secret?: string;
  guid?: string;
  webhookId?: string;
  form?: boolean;
  /** Added, or with `undefined` left out. Names in lower case. */
  headers?: Record<string, string | string[] | undefined>;
  path?: string;
}

/** A push by Alice, unlike any other body. */
export function pushPayload(changes: object = {}): Record<string, unknown> {
  return {
    ref: "refs/heads/main",
    before: "0".repeat(40),
    after: "a".repeat(40),
    deleted: false,
    repository: { full_name: "acme/site", name: "site", default_branch: "main", owner: { login: "acme" } },
    sender: { login: "alice" },
    unique: randomUUID(),
    ...changes,
  };
}

/** The JSON of a push of exactly so many bytes, unlike any other. */
export function pushOfSize(bytes: number): Buffer {
  const frame = Buffer.from(JSON.stringify(pushPayload({ padding: "" })));
  const body = Buffer.alloc(bytes, "x");
  frame.copy(body, 0, 0, frame.length - 2);
  body.write('"}', bytes - 2);
  return body;
}

/** A signed delivery; without options a push that is new in every respect. */
export function delivery(options: DeliveryOptions = {}): Outgoing & { guid: string; body: Buffer } {
  const guid = options.guid ?? randomUUID();
  const json = toBytes(options.body ?? pushPayload());
  const body = options.form ? Buffer.from(`payload=${encodeURIComponent(json.toString())}`) : json;
  const headers: Record<string, string | string[] | undefined> = {
    accept: "*/*",
    "content-type": options.form ? "application/x-www-form-urlencoded" : "application/json",
    "user-agent": "test",
    "x-github-delivery": guid,
    "x-github-event": options.event ?? "push",
    "x-github-hook-id": options.webhookId ?? "1001",
    "x-github-hook-installation-target-id": "1",
    "x-github-hook-installation-target-type": "repository",
    "x-hub-signature": sign(options.secret ?? SECRET, body, "sha1"),
    "x-hub-signature-256": sign(options.secret ?? SECRET, body),
    ...options.headers,
  };
  const present = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  );
  return {
    guid,
    method: "POST",
    path: options.path ?? "/github",
    headers: Object.fromEntries(present),
    body,
  };
}

/** GitHub's sample payload of an event (and action). */
export function sample(event: string, action?: string): Record<string, unknown> {
  const found = loadSamples().find(
    (candidate) => candidate.event === event && (action === undefined || candidate.payload.action === action),
  );
  if (!found) throw new Error(`there is no sample of ${event} ${action ?? ""}`);
  return structuredClone(found.payload);
}

function toBytes(body: object | Uint8Array | string): Buffer {
  if (typeof body === "string") return Buffer.from(body);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}
