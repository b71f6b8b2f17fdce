/**
 * What every request has to pass before anybody believes a word of it, in this order: {@link checkHead} before a byte of
 * the body is read, {@link readVerified} with it. The server's receiver and the library's come through here, whichever
 * way the request came.
 */
import { SignatureCheck } from "../lib/signature.ts";
import type { ContentType } from "../match/body.ts";
import { type BodyLimits, checkDeclaredLength } from "./body.ts";
import type { AllowList, Client, ClientFinder } from "./client.ts";
import {
  type ClaimedSignature,
  type DeliveryHeaders,
  readContentType,
  readDeliveryHeaders,
  readSignature,
} from "./headers.ts";
import { Rejection } from "./rejection.ts";
import type { RequestHead } from "./request-head.ts";

/** What is asked of those who send. */
export interface Demands {
  allowList: AllowList;
  allowSha1: boolean;
  maxBodyBytes: number;
  /** Whether the owner said that deliveries may come unsigned, as long as there is no secret. */
  insecureNoSecret: boolean;
  /** The live secrets now, the newest first. */
  secrets(): readonly LiveSecret[];
}

export interface LiveSecret {
  name: string;
  value: string;
}

/** What is known of a delivery before its body. None of it is proven yet. */
export interface CheckedHead extends DeliveryHeaders {
  client: Client;
  contentType: ContentType;
  /** Absent only where none is asked for. */
  claimed?: ClaimedSignature;
  secrets: readonly LiveSecret[];
}

export interface VerifiedBody {
  /** The bytes as they came. */
  body: Buffer;
  /** The name of the secret that vouches for them; `null` where none was asked for. */
  secret: string | null;
}

/** Reads a body within its limits, and shows each piece as it comes. See `readBody`. */
export type BodyReader = (limits: BodyLimits, onBytes: (bytes: Uint8Array) => void) => Promise<Buffer>;

/**
 * @param progress is told who speaks as soon as that is known, for the log.
 * @throws {Rejection} for the first thing that is wrong.
 */
export function checkHead(
  head: RequestHead,
  demands: Demands,
  clients: ClientFinder,
  progress: { client?: Client },
): CheckedHead {
  const { headers } = head;
  if (head.method !== "POST") throw new Rejection("method_not_allowed", "deliveries come by POST");
  const client = clients.find(head);
  progress.client = client;
  demands.allowList.check(client, headers);
  const { event, guid, webhookId } = readDeliveryHeaders(headers);
  const contentType = readContentType(headers);
  const secrets = demands.secrets();
  const isUnsigned = demands.insecureNoSecret && secrets.length === 0;
  const claimed = isUnsigned ? undefined : readSignature(headers, demands.allowSha1);
  checkDeclaredLength(headers, demands.maxBodyBytes);
  return { client, event, guid, webhookId, contentType, claimed, secrets };
}

/**
 * The body, once its signature is found right. Its bytes stay reserved with `limits.inflight`; whoever calls releases
 * them when the request is answered. When this throws, nothing is reserved.
 *
 * @throws {Rejection} when a limit is passed, or no live secret gives this signature.
 */
export async function readVerified(
  { claimed, secrets }: CheckedHead,
  limits: BodyLimits,
  read: BodyReader,
): Promise<VerifiedBody> {
  if (!claimed) return { body: await read(limits, () => {}), secret: null };
  const values = secrets.map(({ value }) => value);
  const check = new SignatureCheck(claimed.algorithm, values);
  const body = await read(limits, (bytes) => check.update(bytes));
  const index = check.match(claimed.digest);
  if (index !== undefined) return { body, secret: secrets[index]?.name ?? null };
  limits.inflight.release(body.length);
  throw new Rejection(
    "signature_mismatch",
    "the signature is of another secret or of other bytes; compare the webhook's secret with the source's, and see that no proxy alters the body",
  );
}
