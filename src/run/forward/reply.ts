/** What becomes of another service's answer: the outcome of the attempt, and what is kept for people to read. */
import { isUtf8 } from "node:buffer";
import { STATUS_CODES } from "node:http";
import type { Answer } from "../../store/answers.ts";
import type { HeaderList } from "../../store/packing.ts";
import type { Outcome } from "../../store/run-queue.ts";
import type { Masker } from "../masker.ts";
import { failed } from "../outcome.ts";
import type { Reply } from "./post.ts";

const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
/** Who has such an answer may be better off later; others would give the same one again. */
const WORTH_RETRYING: ReadonlySet<number> = new Set([408, 429]);
/** What would let whoever reads it in as somebody else. */
const NEVER_KEPT = /cookie|authorization|authentication-info|token|secret|signature/;

/**
 * @param url where it was sent.
 * @param now epoch milliseconds.
 */
export function outcomeOfReply({ status, rawHeaders }: Reply, url: URL, now: number): Outcome {
  if (status >= 200 && status < 300)
    return { status: "succeeded", exitCode: null, signal: null, reason: null };
  const headers = pairsOf(rawHeaders);
  const outcome = failed(`answered ${statusLine(status)}${redirectOf(status, headers, url)}`);
  if (status < 500 && !WORTH_RETRYING.has(status)) return { ...outcome, isHopeless: true };
  const retryAfterMs = readRetryAfter(headerOf(headers, "retry-after"), now);
  return retryAfterMs === undefined ? outcome : { ...outcome, retryAfterMs };
}

/** `503 Service Unavailable`, in Node's words: those of the other side are anybody's. */
export function statusLine(status: number): string {
  return [status, STATUS_CODES[status]].filter(Boolean).join(" ");
}

/** A URL as outputs show it: its query may have a key in it. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === "" ? "" : "?…"}`;
}

/** Why a body is not kept, where its secrets could not be found. */
export function whyNotKept({ rawHeaders }: Reply): string | undefined {
  const encoding = headerOf(pairsOf(rawHeaders), "content-encoding")?.trim().toLowerCase();
  return encoding === undefined || encoding === "" || encoding === "identity"
    ? undefined
    : "it is compressed";
}

/** @param reply its body is masked already. */
export function answerOf(reply: Reply, attempt: number, masker: Masker): Answer {
  const isKept = whyNotKept(reply) === undefined;
  return {
    attempt,
    status: reply.status,
    headers: pairsOf(reply.rawHeaders)
      .filter(([name]) => !NEVER_KEPT.test(name))
      .map(([name, value]) => [name, masker.text(value)]),
    body: isKept ? reply.body : new Uint8Array(),
    isTruncated: !isKept || reply.cut !== undefined,
  };
}

/**
 * How long to wait by `Retry-After`, in milliseconds, at most a day; `undefined` when it says nothing that can be read.
 * https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 *
 * @param now epoch milliseconds.
 */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? "";
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1_000
    : /^[A-Za-z]/.test(text)
      ? Date.parse(text) - now
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

function redirectOf(status: number, headers: HeaderList, url: URL): string {
  if (status < 300 || status >= 400) return "";
  const location = headerOf(headers, "location");
  if (location === undefined) return ": only a status of 2xx counts";
  const target = URL.canParse(location, url.href) ? shownUrl(new URL(location, url.href)) : "no URL";
  return `, which points to ${target}: redirects are not followed. If that is right, let the hook name it`;
}

function headerOf(headers: HeaderList, name: string): string | undefined {
  return headers.find(([other]) => other === name)?.[1];
}

/** Node gives each byte as a character; most that is not ASCII is UTF-8. */
function pairsOf(rawHeaders: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const bytes = Buffer.from(rawHeaders[at + 1] ?? "", "latin1");
    pairs.push([(rawHeaders[at] ?? "").toLowerCase(), bytes.toString(isUtf8(bytes) ? "utf8" : "latin1")]);
  }
  return pairs;
}
