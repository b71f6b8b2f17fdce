/**
 * The bytes of a request's body in somebody else's app, where a parser may have read them already. A signature is over
 * the bytes as they came: JSON that is written down again is never verified.
 */
import type { IncomingMessage } from "node:http";
import { readBody, takeBody } from "../receive/body.ts";
import { Rejection } from "../receive/rejection.ts";
import type { BodyReader } from "../receive/verify.ts";

/** A request as frameworks hand it on: parsers leave what they have read in `body`, some keep the bytes in `rawBody`. */
export type NodeRequest = IncomingMessage & { body?: unknown; rawBody?: unknown };

const EXPRESS =
  "Express: mount the receiver before `app.use(express.json())`, or put `express.raw({ type: '*/*' })` on its path, or keep the bytes with `express.json({ limit: '25mb', verify: (req, _res, bytes) => { req.rawBody = bytes; } })`.";
const NEXT_PAGES =
  "Next.js, pages: add `export const config = { api: { bodyParser: false } }` to the file of the route.";
const FASTIFY =
  "Fastify: in the receiver's own scope call `scope.removeAllContentTypeParsers()` and `scope.addContentTypeParser('*', (_request, _body, done) => done(null))`.";
const KOA =
  "Koa: mount the receiver before the body parser, or hand its bytes over: `ctx.req.rawBody = ctx.request.rawBody`.";
const OTHERS =
  "Elsewhere: mount it before whatever reads the body, or put the bytes as they came into `request.rawBody`.";
const WEB =
  "Do not call `request.json()`, `text()` or the like before `receiver.fetch(request)`; hand over `request.clone()` where that is needed (in Hono: `c.req.raw.clone()`).";

/** @throws {Rejection} `body_already_read`, when nobody has the bytes any more. */
export function bodyReaderFor(request: NodeRequest): BodyReader {
  if (!request.readableDidRead && !request.readableEnded) return (...how) => readBody(request, ...how);
  const bytes = bytesIn(request.rawBody) ?? bytesIn(request.body);
  if (bytes === undefined) throw alreadyRead(whatToChange(request));
  return (...how) => takeBody(bytes, ...how);
}

export function webBodyAlreadyRead(): Rejection {
  return alreadyRead(WEB);
}

/** Only what can still be the bytes as they came. A text is that when it was UTF-8; if not, no signature fits it. */
function bytesIn(value: unknown): Buffer | undefined {
  if (typeof value === "string") return Buffer.from(value);
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}

/** As exactly as it can be told from the request where it is. */
function whatToChange(request: NodeRequest): string {
  if ("app" in request && "res" in request) return EXPRESS;
  if ("query" in request && "cookies" in request) return NEXT_PAGES;
  return [EXPRESS, NEXT_PAGES, FASTIFY, KOA, OTHERS].join(" ");
}

function alreadyRead(whatToDo: string): Rejection {
  return new Rejection(
    "body_already_read",
    `something has read the body before the receiver, and its bytes are gone; a signature is over the bytes as they came. ${whatToDo}`,
  );
}
