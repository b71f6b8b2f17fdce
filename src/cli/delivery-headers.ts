/** The headers that GitHub sends with a delivery, for one that is made up here. */
import { OWN_PACKAGE } from "../lib/own-package.ts";
import { sign } from "../lib/signature.ts";

export interface MadeUp {
  event: string;
  guid: string;
  /** The webhook's number. */
  webhook: string;
  form: boolean;
  /** Without one it is not signed. */
  secret: string | undefined;
  body: string | Uint8Array;
}

/** https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers */
export function deliveryHeaders({
  event,
  guid,
  webhook,
  form,
  secret,
  body,
}: MadeUp): Record<string, string> {
  return {
    Accept: "*/*",
    "Content-Type": form ? "application/x-www-form-urlencoded" : "application/json",
    // Not GitHub's own: a server on this machine takes GitHub's agent without an address for a proxy that hides it.
    "User-Agent": `Longshore/${OWN_PACKAGE.version}`,
    "X-GitHub-Delivery": guid,
    "X-GitHub-Event": event,
    "X-GitHub-Hook-ID": webhook,
    "X-GitHub-Hook-Installation-Target-ID": "1",
    "X-GitHub-Hook-Installation-Target-Type": "repository",
    ...(secret !== undefined && {
      "X-Hub-Signature": sign(secret, body, "sha1"),
      "X-Hub-Signature-256": sign(secret, body),
    }),
  };
}

/** The body of a form that brings this JSON. */
export function formBody(json: string): string {
  return `payload=${encodeURIComponent(json).replaceAll("%20", "+")}`;
}
