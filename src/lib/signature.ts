/**
 * GitHub's webhook signature: an HMAC over the raw bytes of the body.
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
import { createHmac, type Hmac, hash, timingSafeEqual } from "node:crypto";

export type SignatureAlgorithm = "sha256" | "sha1";

const HEX_LENGTH: Record<SignatureAlgorithm, number> = { sha256: 64, sha1: 40 };

/**
 * The value of `X-Hub-Signature-256` (or, for SHA-1, `X-Hub-Signature`) that GitHub would send.
 *
 * @returns `sha256=` or `sha1=` and the lower-case hex digest.
 */
export function sign(
  secret: string,
  body: Uint8Array | string,
  algorithm: SignatureAlgorithm = "sha256",
): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest("hex")}`;
}

/** An HMAC that is given its bytes piece by piece. */
export function startHmac(algorithm: SignatureAlgorithm, key: string | Uint8Array): Hmac {
  return createHmac(algorithm, key);
}

/**
 * Whether `header` is the signature of exactly these bytes under one of the secrets. Takes constant time in
 * the digest. Anything that is not `sha256=` and 64 lower-case hex digits is `false`, as is an empty secret.
 *
 * @param body the bytes as they came over the wire, never re-serialised JSON.
 * @param header the value of `X-Hub-Signature-256`.
 */
export function verifySignature(
  secrets: string | readonly string[],
  body: Uint8Array | string,
  header: string,
): boolean {
  const claimed = parseSignature(header, "sha256");
  if (!claimed) return false;
  const check = new SignatureCheck("sha256", typeof secrets === "string" ? [secrets] : secrets);
  check.update(typeof body === "string" ? Buffer.from(body) : body);
  return check.match(claimed) !== undefined;
}

/** The digest in a signature header, or `undefined` when the header is not exactly of GitHub's form. */
export function parseSignature(header: string, algorithm: SignatureAlgorithm): Buffer | undefined {
  const prefix = `${algorithm}=`;
  const hex = header.slice(prefix.length);
  if (!header.startsWith(prefix) || hex.length !== HEX_LENGTH[algorithm] || !/^[0-9a-f]+$/.test(hex)) return;
  return Buffer.from(hex, "hex");
}

/** Whether two texts are the same. Their digests are compared, so the time it takes tells nothing, not even a length. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));
}

/** Hashes a body piece by piece under every live secret at once, so that a large one is never hashed in one go. */
export class SignatureCheck {
  readonly #hmacs: (Hmac | undefined)[];

  /** Empty secrets can match nothing: an HMAC under an empty key is one that anybody can compute. */
  constructor(algorithm: SignatureAlgorithm, secrets: readonly string[]) {
    this.#hmacs = secrets.map((secret) => (secret ? createHmac(algorithm, secret) : undefined));
  }

  update(bytes: Uint8Array): void {
    for (const hmac of this.#hmacs) hmac?.update(bytes);
  }

  /** The index of the first secret whose digest is `claimed`, or `undefined`. Can be asked once. */
  match(claimed: Buffer): number | undefined {
    // All are compared, also after a match, so that the time taken does not tell which secret it was.
    const matches = this.#hmacs.map((hmac) => hmac !== undefined && timingSafeEqual(hmac.digest(), claimed));
    const index = matches.indexOf(true);
    return index === -1 ? undefined : index;
  }
}
