/** What the headers of a delivery have to look like, and which of them are kept. */
import type { IncomingHttpHeaders } from "node:http";
import { parseSignature, type SignatureAlgorithm } from "../lib/signature.ts";
import { visibleLine } from "../lib/visible.ts";
import type { ContentType } from "../match/body.ts";
import type { HeaderList } from "../store/packing.ts";
import { Rejection } from "./rejection.ts";

export interface DeliveryHeaders {
  event: string;
  guid: string;
  /** 0 where the sender named none, as Gitea does. */
  webhookId: number;
}

export interface ClaimedSignature {
  algorithm: SignatureAlgorithm;
  digest: Buffer;
}

const EVENT = /^[a-z0-9_]{1,64}$/;
const GUID = /^[0-9A-Za-z-]{1,64}$/;
const WEBHOOK_ID = /^[0-9]{1,16}$/;

/** What is kept of a request. A signature or a credential is not: what is stored must be of no use to a thief. */
const KEPT = /^(content-type|user-agent|x-(github|gitea|forgejo)-.*)$/;
const NEVER_KEPT = /signature|authorization|cookie|token|secret/;

/** @throws {Rejection} when one of GitHub's own headers is missing, doubled, or not of its form. */
export function readDeliveryHeaders(headers: IncomingHttpHeaders): DeliveryHeaders {
  const webhookId = headers["x-github-hook-id"];
  const id = Number(webhookId ?? 0);
  if (webhookId !== undefined && !(WEBHOOK_ID.test(String(webhookId)) && Number.isSafeInteger(id))) {
    throw new Rejection("header_invalid", "X-GitHub-Hook-ID must be the webhook's number, once");
  }
  return {
    event: require(headers, "X-GitHub-Event", EVENT, "an event's name of a–z, 0–9 and _, once"),
    guid: require(headers, "X-GitHub-Delivery", GUID, "the delivery's GUID of letters, digits and -, once"),
    webhookId: id,
  };
}

/** @throws {Rejection} when the body is in a form that GitHub does not send. */
export function readContentType(headers: IncomingHttpHeaders): ContentType {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "identity") {
    throw new Rejection(
      "unsupported_media_type",
      "the body must not be compressed: signatures are over the bytes as sent",
    );
  }
  const type = headers["content-type"] ?? "";
  // As GitHub writes it, which need not be taken apart.
  if (type === "application/json") return "json";
  return typeIn(type);
}

function typeIn(text: string): ContentType {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new Rejection("unsupported_media_type", "the body must be UTF-8");
  }
  if (type === "application/json") return "json";
  if (type === "application/x-www-form-urlencoded") return "form";
  throw new Rejection(
    "unsupported_media_type",
    "Content-Type must be application/json (choose it in the webhook's settings) or application/x-www-form-urlencoded",
  );
}

/**
 * The signature that the request claims: `X-Hub-Signature-256`, and only without it, by the source's consent, the
 * SHA-1 of `X-Hub-Signature`.
 *
 * @throws {Rejection} when there is none, or none that we take.
 */
export function readSignature(headers: IncomingHttpHeaders, allowSha1: boolean): ClaimedSignature {
  const sha256 = headers["x-hub-signature-256"];
  if (sha256) return parse("X-Hub-Signature-256", String(sha256), "sha256");
  // One that is there but empty is not absent: SHA-1 must not stand in for it.
  const sha1 = sha256 === undefined && headers["x-hub-signature"];
  if (sha1 && allowSha1) return parse("X-Hub-Signature", String(sha1), "sha1");
  if (sha1) {
    throw new Rejection(
      "signature_unsupported",
      "only X-Hub-Signature-256 counts here; the owner can accept SHA-1 with `allow-sha1: true`",
    );
  }
  throw new Rejection(
    "signature_missing",
    "X-Hub-Signature-256 is missing: enter the source's secret in the webhook's settings",
  );
}

/** The headers that are stored with the delivery: names in lower case, in the order in which they came. */
export function keptHeaders(rawHeaders: readonly string[]): HeaderList {
  const kept: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = keptName(rawHeaders[i] as string);
    if (name !== null) kept.push([name, rawHeaders[i + 1] as string]);
  }
  return kept;
}

/** A claim of somebody who may be anybody, cut to a length and in characters that harm nobody. */
export function claimedText(value: string | string[] | undefined): string | null {
  return value === undefined ? null : visibleLine(String(value).slice(0, 64));
}

/** GitHub sends the same few names with every delivery, so what was decided about them is remembered. */
const keptNames = new Map<string, string | null>();
const MAX_REMEMBERED_NAMES = 100;

function keptName(rawName: string): string | null {
  const known = keptNames.get(rawName);
  if (known !== undefined) return known;
  const name = rawName.toLowerCase();
  const decided = KEPT.test(name) && !NEVER_KEPT.test(name) ? name : null;
  if (keptNames.size < MAX_REMEMBERED_NAMES) keptNames.set(rawName, decided);
  return decided;
}

function require(headers: IncomingHttpHeaders, name: string, form: RegExp, expected: string): string {
  const value = headers[name.toLowerCase()];
  if (typeof value === "string" && form.test(value)) return value;
  throw new Rejection("header_invalid", `${name} must be ${expected}`);
}

function parse(name: string, value: string, algorithm: SignatureAlgorithm): ClaimedSignature {
  const digest = parseSignature(value, algorithm);
  if (digest) return { algorithm, digest };
  const other = /^([a-z0-9-]+)=/i.exec(value)?.[1]?.toLowerCase();
  if (other !== undefined && other !== algorithm) {
    throw new Rejection("signature_unsupported", `${name} must be a ${algorithm} signature`);
  }
  const length = algorithm === "sha256" ? 64 : 40;
  throw new Rejection(
    "signature_malformed",
    `${name} must be \`${algorithm}=\` and ${length} lower-case hex digits`,
  );
}
