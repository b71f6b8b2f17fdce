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
  const pieces = new BodyPieces(limits);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(timedOut(limits.timeoutMs)), limits.timeoutMs);

    const take = (piece: Buffer) => {
      const refusal = pieces.add(piece);
      if (refusal) return fail(refusal);
      onBytes(piece);
    };
    const finish = () => {
      stop();
      resolve(pieces.join());
    };
    const abort = () => fail(new RequestAborted("the sender has gone"));
    const fail = (error: Error) => {
      stop();
      pieces.drop();
      reject(error);
    };
    const stop = () => {
      clearTimeout(timer);
      request.off("data", take).off("end", finish).off("error", abort).off("close", abort);
    };
    request.on("data", take).on("end", finish).on("error", abort).on("close", abort);
  });
}

/** The same for a body that comes as a stream of the Web's kind; `null` is an empty one. */
export async function readWebBody(
  stream: ReadableStream<Uint8Array> | null,
  limits: BodyLimits,
  onBytes: (bytes: Buffer) => void,
): Promise<Buffer> {
  const pieces = new BodyPieces(limits);
  const reader = stream?.getReader();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(timedOut(limits.timeoutMs)), limits.timeoutMs);
  try {
    for (;;) {
      const { value } = (await Promise.race([reader?.read(), late.promise])) ?? {};
      if (value === undefined) return pieces.join();
      const piece = Buffer.from(value.buffer, value.byteOffset, value.length);
      const refusal = pieces.add(piece);
      if (refusal) throw refusal;
      onBytes(piece);
    }
  } catch (error) {
    pieces.drop();
    // Nobody reads on: the runtime may let the connection go. It may have ended by itself.
    reader?.cancel().catch(() => {});
    throw error instanceof Rejection ? error : new RequestAborted("the sender has gone");
  } finally {
    clearTimeout(timer);
  }
}

/** The same for a body that somebody else has read. */
export async function takeBody(
  bytes: Buffer,
  limits: BodyLimits,
  onBytes: (bytes: Buffer) => void,
): Promise<Buffer> {
  const pieces = new BodyPieces(limits);
  const refusal = pieces.add(bytes);
  if (refusal) throw refusal;
  onBytes(bytes);
  return pieces.join();
}

/** What has come of a body, and the room that is reserved for it. */
class BodyPieces {
  readonly #limits: BodyLimits;
  readonly #pieces: Buffer[] = [];
  #length = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Why there is no room for it, if there is none. */
  add(piece: Buffer): Rejection | undefined {
    const { maxBytes, inflight } = this.#limits;
    if (this.#length + piece.length > maxBytes) return tooLarge(maxBytes);
    if (!inflight.reserve(piece.length)) return overloaded();
    this.#length += piece.length;
    addPiece(this.#pieces, piece);
    return undefined;
  }

  join(): Buffer {
    const [first, ...others] = this.#pieces;
    return first && others.length === 0 ? first : Buffer.concat(this.#pieces, this.#length);
  }

  /** Gives back what is reserved. */
  drop(): void {
    this.#limits.inflight.release(this.#length);
    this.#length = 0;
  }
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
