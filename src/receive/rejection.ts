/**
 * Why a request is refused: a stable code, its HTTP status, and a sentence that says what to change. Never part of it:
 * a secret, or a signature that we have computed.
 */
import { BodyInvalid } from "../match/body.ts";

export const STATUS_OF_CODE = {
  not_found: 404,
  method_not_allowed: 405,
  address_not_allowed: 403,
  sender_hidden: 403,
  header_invalid: 400,
  unsupported_media_type: 415,
  signature_missing: 403,
  signature_malformed: 403,
  signature_unsupported: 501,
  body_already_read: 500,
  body_too_large: 413,
  overloaded: 503,
  body_timeout: 408,
  signature_mismatch: 403,
  body_invalid: 400,
  store_unavailable: 503,
} as const;

export type RejectionCode = keyof typeof STATUS_OF_CODE;

/** The sender's fault, or (503) the hour's: becomes the answer. */
export class Rejection extends Error {
  override name = "Rejection";
  readonly code: RejectionCode;
  /** For the log only: what the owner needs to know and the sender need not. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: RejectionCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return STATUS_OF_CODE[this.code];
  }

  /** The body of the answer. */
  toJson(): string {
    return `${JSON.stringify({ error: { code: this.code, message: this.message } })}\n`;
  }
}

/** What is not the sender's fault is ours: the sender learns that nothing is kept, and the log why. */
export function toRejection(error: unknown): Rejection {
  if (error instanceof Rejection) return error;
  if (error instanceof BodyInvalid) return new Rejection("body_invalid", error.message);
  return new Rejection(
    "store_unavailable",
    "the delivery could not be taken in; nothing of it is kept, send it again",
  );
}
