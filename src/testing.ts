/**
 * What `import … from "longshore/testing"` gives: signed deliveries and GitHub's sample payloads, to test one's own
 * listeners with.
 */
import { randomUUID } from "node:crypto";
import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import { deliveryHeaders, formBody } from "./cli/delivery-headers.ts";
import { UserError } from "./config/problem.ts";
import { findSample, loadSamples } from "./github/samples.ts";
import { didYouMean } from "./lib/suggest.ts";

type SampleName = EmitterWebhookEventName | (string & {});

type SampleOf<Name extends string> = Name extends EmitterWebhookEventName
  ? EmitterWebhookEvent<Name>["payload"]
  : Record<string, unknown>;

export interface Overrides {
  /** What it is signed with; `TEST_SECRET` unless said, and `null` for no signature. */
  secret?: string | null;
  /** Members of the payload that are to be other than the sample's. */
  payload?: Readonly<Record<string, unknown>>;
  /** Exactly these bytes, or the JSON of this object, and no sample. */
  body?: string | Uint8Array | Readonly<Record<string, unknown>>;
  /** `http://localhost/github` unless said. */
  url?: string | URL;
  /** A new one unless said: the same one twice is a redelivery. */
  guid?: string;
  /** 1 unless said. */
  webhookId?: number;
  /** As `application/x-www-form-urlencoded`. */
  form?: boolean;
  /** Added last; `undefined` leaves a header out. */
  headers?: Readonly<Record<string, string | undefined>>;
}

/** For receivers in tests: `createReceiver({ secrets: TEST_SECRET })`. */
export const TEST_SECRET = "for tests, and known to everybody";

/** As the second argument of `receiver.fetch`: the request comes from this machine. */
export const FROM_HERE = { address: "127.0.0.1" } as const;

/**
 * A delivery as GitHub sends it, to be handed to `receiver.fetch` or sent with `fetch`.
 *
 * ```ts
 * const answer = await receiver.fetch(signedRequest("issues.opened"), FROM_HERE);
 * ```
 *
 * @param name an event that there is a sample of (`push`), or with its action (`issues.opened`); with `body`, any.
 * @throws {UserError} when there is no such sample.
 */
export function signedRequest(name: SampleName, overrides: Overrides = {}): Request {
  const { secret = TEST_SECRET, payload, body, url = "http://localhost/github", form = false } = overrides;
  const [event = "", action] = name.split(".");
  const json = bodyOf(body) ?? JSON.stringify({ ...sample(event, action), ...payload });
  const bytes = form ? formBody(typeof json === "string" ? json : Buffer.from(json).toString()) : json;
  const headers = new Headers(
    deliveryHeaders({
      event,
      guid: overrides.guid ?? randomUUID(),
      webhook: String(overrides.webhookId ?? 1),
      form,
      secret: secret ?? undefined,
      body: bytes,
    }),
  );
  for (const [header, value] of Object.entries(overrides.headers ?? {})) {
    if (value === undefined) headers.delete(header);
    else headers.set(header, value);
  }
  return new Request(url, { method: "POST", headers, body: Buffer.from(bytes) });
}

/**
 * GitHub's sample payload of an event (`push`), or of one with its action (`issues.opened`): a copy, to be changed.
 *
 * @throws {UserError} when there is none.
 */
export function samplePayload<const Name extends SampleName>(name: Name): SampleOf<Name> {
  const [event = "", action] = name.split(".");
  return structuredClone(sample(event, action)) as SampleOf<Name>;
}

/** Every event that there is a sample of, with and without its actions. */
export function sampleNames(): string[] {
  const names = loadSamples().flatMap(({ event, payload }) =>
    typeof payload.action === "string" ? [event, `${event}.${payload.action}`] : [event],
  );
  return [...new Set(names)].sort();
}

function sample(event: string, action?: string): Record<string, unknown> {
  const found = findSample(event, action);
  if (found) return found.payload;
  const name = action === undefined ? event : `${event}.${action}`;
  throw new UserError(
    `There is no sample of "${name}".${didYouMean(name, sampleNames())} \`sampleNames()\` lists all; \`body\` takes your own.`,
  );
}

function bodyOf(body: Overrides["body"]): string | Uint8Array | undefined {
  return typeof body === "string" || body instanceof Uint8Array || body === undefined
    ? body
    : JSON.stringify(body);
}
