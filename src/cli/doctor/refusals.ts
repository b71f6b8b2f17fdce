/** Whether somebody is refused who ought to get in. A refusal that was followed by a delivery is no longer one to see to. */
import { formatDuration } from "../../lib/quantity.ts";
import { isByHand } from "../../store/by-hand.ts";
import { listDeliveries } from "../../store/deliveries.ts";
import { listRefusals, MAX_REFUSALS, type Refusal } from "../../store/refusals.ts";
import type { Store } from "../../store/store.ts";
import { bad, type Check, type Finding, orGood, unknown, warning } from "./check.ts";

const LOOK_BACK_MS = 7 * 86_400_000;
/** A few strangers knock at every door. */
const MANY = 10;

interface Meaning {
  /** Whether a stranger who tries doors is refused with it as well. */
  isStrangers?: boolean;
  /** What it says of the setup. */
  means: string;
  remedy: string;
}

/** Those that a mistake in the setup brings about; others are only counted. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
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

export const refusals: Check = {
  name: "refusals",
  async examine({ store, now }) {
    if (!store) return [unknown("could not be checked without a database")];
    const acceptedAt = await lastAccepted(store);
    const recent = (await listRefusals(store.db, MAX_REFUSALS)).filter(
      ({ at, code, event }) => now - at < LOOK_BACK_MS && isGitHubsKind(code, event),
    );
    const findings = [...Map.groupBy(recent, ({ code }) => code)].flatMap(([code, all]) =>
      judge(code, all, acceptedAt, now),
    );
    return orGood(findings, "nobody is refused who ought to get in");
  },
};

/** What claims no event was no webhook's: somebody who tries doors. */
function isGitHubsKind(code: string, event: string | null): boolean {
  return event !== null || code === "store_unavailable";
}

function judge(code: string, all: readonly Refusal[], acceptedAt: number, now: number): Finding[] {
  const meaning = MEANINGS[code];
  const newest = all[0]?.at ?? 0;
  if (!meaning) {
    const isOften = all.length >= MANY;
    return isOften ? [warning(`${counted(all)} with ${code}`, "See docs/reference/http.md#refusals")] : [];
  }
  // While others get in, it may be a second webhook that is set up wrongly, or a stranger.
  const isOnly = meaning.isStrangers ? acceptedAt === 0 : newest > acceptedAt;
  if (!isOnly && all.length < MANY) return [];
  const message = `${counted(all)} with ${code}, the last ${formatDuration(now - newest)} ago: ${meaning.means}`;
  return [(isOnly ? bad : warning)(message, meaning.remedy)];
}

function counted({ length }: readonly Refusal[]): string {
  return length === 1 ? "a request was refused" : `${length} requests were refused`;
}

/** What a person made here says nothing of the way from GitHub. */
async function lastAccepted({ db }: Store): Promise<number> {
  const newest = await listDeliveries(db, {}, { limit: 100 });
  return newest.find((delivery) => !isByHand(delivery))?.receivedAt ?? 0;
}
