/** Reads a body within its limits: of size, of time, and of memory for all bodies together. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { formatSize } from "../lib/quantity.ts";
import { Rejection } from "./rejection.ts";

export interface BodyLimits {
  maxBytes: number;
  timeoutMs: number;
  /** Shared by all requests. */
  inflight: InflightBytes;
}

/** Pieces of up to this size are joined with others. */
const SMALL_BYTES = 16 * 1024;

/** A request that ended before its body did. There is nobody left to answer. */
export class RequestAborted extends Error {
  override name = "RequestAborted";
}

/** Counts the bytes in memory of requests that have no answer yet, so that a crowd of strangers cannot fill it. */
export class InflightBytes {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** `false` when there is no room for them. */
  reserve(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }
}

/** Whether a request brings a body at all (RFC 9112, section 6). */
export function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** @throws {Rejection} when the request itself says that its body is too large. */
export function checkDeclaredLength(headers: IncomingHttpHeaders, maxBytes: number): void {
  if (Number(headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/**
 * Reads the body. The bytes stay reserved with `limits.inflight`; whoever calls releases `body.length` of them once
 * the request is answered. When this throws, nothing is reserved.
 *
 * @param onBytes is given each piece as it comes.
 * @throws {Rejection} as soon as a limit is passed.
 * @throws {RequestAborted} when the sender has gone.
 */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  onBytes: (bytes: Buffer) => void,
): Promise<Buffer> {
  const { maxBytes, timeoutMs, inflight } = limits;
  const pieces: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(timedOut(timeoutMs)), timeoutMs);

    const take = (piece: Buffer) => {
      if (length + piece.length > maxBytes) return fail(tooLarge(maxBytes));
      if (!inflight.reserve(piece.length)) return fail(overloaded());
      length += piece.length;
      addPiece(pieces, piece);
      onBytes(piece);
    };
    const finish = () => {
      stop();
      resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, length));
    };
    const abort = () => fail(new RequestAborted("the sender has gone"));
    const fail = (error: Error) => {
      stop();
      inflight.release(length);
      reject(error);
    };
    const stop = () => {
      clearTimeout(timer);
      request.off("data", take).off("end", finish).off("error", abort).off("close", abort);
    };
    request.on("data", take).on("end", finish).on("error", abort).on("close", abort);
  });
}

/** Joins small pieces as they come: a body that is sent byte by byte would take a hundred times its size. */
function addPiece(pieces: Buffer[], piece: Buffer): void {
  pieces.push(piece);
  for (;;) {
    const [last, before] = [pieces.at(-1)?.length ?? 0, pieces.at(-2)?.length ?? Number.POSITIVE_INFINITY];
    if (before > Math.min(last, SMALL_BYTES)) return;
    pieces.push(Buffer.concat(pieces.splice(-2)));
  }
}

function tooLarge(maxBytes: number): Rejection {
  return new Rejection(
    "body_too_large",
    `the body is larger than ${formatSize(maxBytes)}; the owner can raise \`max-body\``,
  );
}

function timedOut(timeoutMs: number): Rejection {
  return new Rejection("body_timeout", `the body was not there within ${timeoutMs / 1_000} seconds`);
}

function overloaded(): Rejection {
  return new Rejection("overloaded", "too many bodies are being received at once; try again");
}
