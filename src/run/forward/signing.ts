/** Signatures of what is forwarded: GitHub's scheme, or that of Standard Webhooks, over the bytes as they are sent. */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type SignatureAlgorithm, startHmac } from "../../lib/signature.ts";
import type { Forward } from "../../match/hook.ts";
import type { Delivery } from "../../store/deliveries.ts";

/** The headers of a signature, and what in them nobody else may see. */
export interface Signature {
  headers: Record<string, string>;
  secrets: string[];
}

/** What is signed: one delivery, forwarded by one hook, at one time. */
export interface Signable {
  delivery: Pick<Delivery, "source" | "webhookId" | "guid">;
  hook: string;
  body: Uint8Array;
  /** Epoch milliseconds. */
  now: number;
}

const PIECE_BYTES = 1024 ** 2;
const PREFIX = "whsec_";

/** The signature, or why there can be none: a sentence that has no secret in it. */
export async function signatureOf(
  scheme: Forward["sign"],
  secret: string,
  signable: Signable,
): Promise<Signature | { problem: string }> {
  return scheme === "github" ? signAsGitHub(secret, signable) : signByStandard(secret, signable);
}

/**
 * Both headers that GitHub sends: there are receivers that know no more than the old one.
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
async function signAsGitHub(secret: string, { body }: Signable): Promise<Signature> {
  const sha256 = (await hmac("sha256", secret, [body])).toString("hex");
  const sha1 = (await hmac("sha1", secret, [body])).toString("hex");
  return {
    headers: { "x-hub-signature": `sha1=${sha1}`, "x-hub-signature-256": `sha256=${sha256}` },
    secrets: [sha256, sha1],
  };
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
async function signByStandard(secret: string, signable: Signable): Promise<Signature | { problem: string }> {
  const key = keyOf(secret);
  if ("problem" in key) return key;
  const id = messageId(signable);
  const timestamp = String(Math.floor(signable.now / 1_000));
  const signed = [Buffer.from(`${id}.${timestamp}.`), signable.body];
  const signature = (await hmac("sha256", key.bytes, signed)).toString("base64");
  return {
    headers: {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${signature}`,
    },
    secrets: [signature],
  };
}

/** Who gets the same message again, by another attempt or another run, can see that it is the same. */
function messageId({ delivery, hook }: Signable): string {
  const { source, webhookId, guid } = delivery;
  const digest = createHash("sha256").update(JSON.stringify([source, webhookId, guid, hook]));
  return `msg_${digest.digest("hex").slice(0, 32)}`;
}

function keyOf(secret: string): { bytes: Uint8Array } | { problem: string } {
  if (/^whsk_/.test(secret))
    return {
      problem:
        "`forward.secret` is a private key (`whsk_`), and only shared secrets (`whsec_`) are understood",
    };
  if (!secret.startsWith(PREFIX)) return { bytes: Buffer.from(secret) };
  const encoded = secret.slice(PREFIX.length);
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && encoded.length % 4 === 0;
  return isBase64
    ? { bytes: Buffer.from(encoded, "base64") }
    : { problem: "`forward.secret` begins with `whsec_`, and what follows is not base64" };
}

/** In pieces: a large body does not hold up the worker's other runs. */
async function hmac(
  algorithm: SignatureAlgorithm,
  key: string | Uint8Array,
  parts: readonly Uint8Array[],
): Promise<Buffer> {
  const digest = startHmac(algorithm, key);
  for (const part of parts) {
    for (let start = 0; start < part.length; start += PIECE_BYTES) {
      if (start > 0) await nextTurn();
      digest.update(part.subarray(start, start + PIECE_BYTES));
    }
  }
  return digest.digest();
}
