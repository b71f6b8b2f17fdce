/** Whether somebody is refused who ought to get in. A refusal that was followed by a delivery is no longer one to see to. */
import { formatDuration } from "../../lib/quantity.ts";
import { isByHand } from "../../store/by-hand.ts";
import { listDeliveries } from "../../store/deliveries.ts";
import { MEANINGS } from "../../store/refusal-meanings.ts";
import { listRefusals, MAX_REFUSALS, type Refusal } from "../../store/refusals.ts";
import type { Store } from "../../store/store.ts";
import { bad, type Check, type Finding, orGood, unknown, warning } from "./check.ts";

const LOOK_BACK_MS = 7 * 86_400_000;
/** A few strangers knock at every door. */
const MANY = 10;

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
