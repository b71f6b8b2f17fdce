/** What refusals say of the setup, and what would let GitHub's requests in. */
import type { Refusal } from "./refusals.ts";

export interface Meaning {
  /** Whether a stranger who tries doors is refused with it as well. */
  isStrangers?: boolean;
  /** What it says of the setup. */
  means: string;
  remedy: string;
}

/** Those that a mistake in the setup brings about; others are only counted. */
export const MEANINGS: Readonly<Record<string, Meaning>> = {
  sender_hidden: {
    means: "a proxy on this machine passes GitHub's requests on without saying whom they are from",
    remedy:
      "In nginx's `location`: proxy_set_header X-Forwarded-For $remote_addr; see docs/guides/behind-a-proxy.md",
  },
  signature_mismatch: {
    means: "the webhook on GitHub has another secret than this server, or a proxy changes the body",
    remedy: "Enter what `longshore secret show` prints as the secret of GitHub's webhook",
  },
  signature_missing: {
    means: "the webhook on GitHub has no secret",
    remedy: "Enter what `longshore secret show` prints as the secret of GitHub's webhook",
  },
  address_not_allowed: {
    isStrangers: true,
    means:
      "they came from addresses that `allow-from` does not have, or through a proxy that `trust-proxy` does not name",
    remedy: "The log names the setting that would admit each; see docs/guides/behind-a-proxy.md",
  },
  unsupported_media_type: {
    means: "the webhook on GitHub has another content type",
    remedy: "Choose application/json in GitHub's form",
  },
  not_found: {
    isStrangers: true,
    means: "the payload URL on GitHub has another path than any source",
    remedy: "`longshore serve` prints the right one for each source",
  },
  body_too_large: {
    means: "bodies are larger than `max-body`",
    remedy: "Raise `max-body` of the source; GitHub sends up to 25 MB",
  },
  overloaded: {
    means: "more came at once than `max-inflight` allows",
    remedy: "Raise `max-inflight`, if there is memory for it",
  },
  store_unavailable: {
    means: "the store could not write",
    remedy: "The reason is in the log; then press Redeliver for what `longshore deliveries refused` lists",
  },
};

/** The same of one that is kept. Of an address it can be said which setting would admit it. */
export function remedyFor({ code, peer }: Pick<Refusal, "code" | "peer">): {
  means: string | null;
  remedy: string | null;
} {
  const meaning = MEANINGS[code];
  if (!meaning) return { means: null, remedy: null };
  if (code !== "address_not_allowed" || peer === null)
    return { means: meaning.means, remedy: meaning.remedy };
  const remedy = `\`allow-from: [${peer}]\` admits it; if it is a proxy of yours, \`trust-proxy: [${peer}]\` lets the address count that it names`;
  return { means: meaning.means, remedy };
}
