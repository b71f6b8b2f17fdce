/** All that can be wrong with a request before its body, for tests of what each is answered. */
import type { Outgoing } from "./http.ts";

type Headers = Record<string, string | string[] | number>;
export interface Fault {
  status: number;
  code: string;
  apply: (sent: Outgoing) => Outgoing;
}

export const withHeaders = (headers: Headers) => (sent: Outgoing) => ({
  ...sent,
  headers: { ...sent.headers, ...headers },
});
const withoutHeaders =
  (...names: string[]) =>
  (sent: Outgoing) => ({
    ...sent,
    headers: Object.fromEntries(Object.entries(sent.headers ?? {}).filter(([name]) => !names.includes(name))),
  });

/** All that can be wrong before the body, in the order in which it is looked for. Several in one place cannot meet. */
export const PLACES: Fault[][] = [
  [{ status: 404, code: "not_found", apply: (sent) => ({ ...sent, path: "/nowhere" }) }],
  [{ status: 405, code: "method_not_allowed", apply: (sent) => ({ ...sent, method: "PUT" }) }],
  [
    {
      status: 403,
      code: "address_not_allowed",
      apply: withHeaders({ "x-forwarded-for": "203.0.113.9" }),
    },
    { status: 403, code: "address_not_allowed", apply: withHeaders({ "x-forwarded-for": "unknown" }) },
    { status: 403, code: "sender_hidden", apply: withHeaders({ "user-agent": "GitHub-Hookshot/044aadd" }) },
  ],
  [
    { status: 400, code: "header_invalid", apply: withHeaders({ "x-github-event": "PUSH" }) },
    { status: 400, code: "header_invalid", apply: withoutHeaders("x-github-delivery") },
    { status: 400, code: "header_invalid", apply: withHeaders({ "x-github-hook-id": "first" }) },
  ],
  [
    { status: 415, code: "unsupported_media_type", apply: withHeaders({ "content-type": "text/plain" }) },
    { status: 415, code: "unsupported_media_type", apply: withHeaders({ "content-encoding": "gzip" }) },
  ],
  [
    {
      status: 403,
      code: "signature_missing",
      apply: withoutHeaders("x-hub-signature", "x-hub-signature-256"),
    },
    {
      status: 403,
      code: "signature_malformed",
      apply: withHeaders({ "x-hub-signature-256": "sha256=0" }),
    },
    { status: 501, code: "signature_unsupported", apply: withoutHeaders("x-hub-signature-256") },
    { status: 501, code: "signature_unsupported", apply: withHeaders({ "x-hub-signature-256": "md5=0" }) },
  ],
  [
    {
      status: 413,
      code: "body_too_large",
      apply: withHeaders({ "content-length": 25 * 1024 ** 2 + 1 }),
    },
  ],
];
