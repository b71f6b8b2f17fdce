/** The JSON object in a body, whichever of GitHub's two content types it came in. */
import type { Payload } from "./payload.ts";

/** GitHub's two ways of sending a payload: as the body, or as the field `payload` of a form. */
export type ContentType = "json" | "form";

/** Which of them the kept headers of a delivery say. */
export function contentTypeOf(headers: readonly (readonly [name: string, value: string])[]): ContentType {
  const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
  return type.toLowerCase().startsWith("application/x-www-form-urlencoded") ? "form" : "json";
}

/** A body that is not what GitHub sends. The message says what is wrong with it. */
export class BodyInvalid extends Error {
  override name = "BodyInvalid";
}

/** GitHub's payloads are about ten levels deep; a parser takes seconds for millions of levels. */
const MAX_DEPTH = 1_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * The text of the JSON: the body itself, or the one field `payload` of a form.
 *
 * @throws {BodyInvalid} when a form has no such field, or several.
 */
export function jsonText(contentType: ContentType, body: Buffer): Buffer {
  if (contentType === "json") return body;
  const payloads = new URLSearchParams(body.toString("utf8")).getAll("payload");
  if (payloads.length !== 1) throw invalid("the form must have one field called `payload`");
  return Buffer.from(payloads[0] as string);
}

/** @throws {BodyInvalid} when it is no JSON object, or nested too deep. */
export function parsePayload(text: Buffer): Payload {
  // A byte order mark is no part of the text (RFC 8259, section 8.1, lets a reader ignore it).
  const json = text.toString("utf8", startsWithMark(text) ? 3 : 0);
  if (isTooDeep(json)) throw invalid(`the JSON is nested more than ${MAX_DEPTH} levels deep`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw invalid("the body is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("the JSON is no object");
  return value as Payload;
}

/** Whether JSON is nested deeper than any that GitHub sends. */
export function isTooDeep(json: string): boolean {
  // Nearly every body has too few brackets for it, and counting them is faster than following them.
  return hasMany(json, "{") || hasMany(json, "[") ? depthExceeded(json) : false;
}

function hasMany(json: string, bracket: string): boolean {
  let at = -1;
  for (let count = 0; count <= MAX_DEPTH / 2; count++) {
    at = json.indexOf(bracket, at + 1);
    if (at === -1) return false;
  }
  return true;
}

function depthExceeded(json: string): boolean {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (unit === QUOTE) i = endOfString(json, i);
    else if (unit === OPEN_ARRAY || unit === OPEN_OBJECT) depth++;
    else if (unit === CLOSE_ARRAY || unit === CLOSE_OBJECT) depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (i < json.length && json.charCodeAt(i) !== QUOTE) i += json.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

function startsWithMark(text: Buffer): boolean {
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf;
}

function invalid(message: string): BodyInvalid {
  return new BodyInvalid(message);
}
