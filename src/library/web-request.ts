/** Requests and answers of the Web's kind, for what does not speak Node's `http`: Hono, Next.js, Deno, Bun and others. */
import type { Answer } from "../receive/answer.ts";
import { readWebBody } from "../receive/body.ts";
import type { RequestHead } from "../receive/request-head.ts";
import type { BodyReader } from "../receive/verify.ts";
import { webBodyAlreadyRead } from "./raw-body.ts";

/**
 * Who connected, which a request of the Web's kind does not say: an address, or what the runtime hands to its own
 * handlers. Anything else counts as not known.
 */
export type Connection =
  | { address: string }
  /** The second argument of a handler of `Deno.serve`. */
  | { remoteAddr: object }
  /** The second argument of `fetch` in `Bun.serve`. */
  | { requestIP(request: Request): { address: string } | null }
  /** `c.env` of Hono on Node. */
  | { incoming: { socket: { remoteAddress?: string | undefined } } };

/** @param connection `unknown`, because frameworks hand on what they have. */
export function headOf(request: Request, connection: unknown): RequestHead {
  const { method, headers } = request;
  return {
    method,
    headers: Object.fromEntries(headers),
    rawHeaders: [...headers].flat(),
    socket: { remoteAddress: peerOf(request, connection) ?? "" },
  };
}

/** @throws {Rejection} `body_already_read`. */
export function bodyReaderForWeb(request: Request): BodyReader {
  if (request.bodyUsed) throw webBodyAlreadyRead();
  return (...how) => readWebBody(request.body, ...how);
}

export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body === "" ? null : body, { status, headers: { ...headers } });
}

function peerOf(request: Request, connection: unknown): string | undefined {
  if (typeof connection !== "object" || connection === null) return undefined;
  // Bun's server has an address as well: its own.
  if ("requestIP" in connection) return (connection as { requestIP: Ask }).requestIP(request)?.address;
  if ("address" in connection) return textIn(connection.address);
  const from =
    "remoteAddr" in connection
      ? (connection.remoteAddr as { hostname?: unknown } | null)?.hostname
      : (connection as { incoming?: { socket?: { remoteAddress?: unknown } } }).incoming?.socket
          ?.remoteAddress;
  return textIn(from);
}

type Ask = (request: Request) => { address: string } | null;

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
