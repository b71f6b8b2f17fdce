/** What a notification tells: a message about another run, in the place of the payload of a delivery. */
import { parsePayload } from "../match/body.ts";
import { readFacts } from "../match/payload.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { ClaimedRun } from "../store/run-queue.ts";
import type { Run } from "../store/runs.ts";

type About = NonNullable<ClaimedRun["about"]>;

/** The event of a notification; GitHub has none of this name. */
const EVENT = "notification";

/**
 * The message as a delivery, so that all that can be done with one can be done with it: read in expressions, given to a
 * script, signed, forwarded, and taken in by another Longshore.
 *
 * @param run the one that performs the notification.
 * @param about the run that it tells of.
 */
export function notificationOf(run: ClaimedRun, { change }: About, about: Run, delivery: Delivery) {
  const body = Buffer.from(JSON.stringify(message(change, about, delivery)));
  const payload = parsePayload(body);
  const facts = {
    ...readFacts(EVENT, payload),
    repository: delivery.repository,
    ref: delivery.ref,
    sha: delivery.sha,
  };
  const told = { ...delivery, event: EVENT, action: change, guid: `${EVENT}-${run.id}` };
  const headers: [string, string][] = [["content-type", "application/json"]];
  return {
    event: EVENT,
    facts,
    payload,
    delivery: told,
    told,
    headers,
    body,
    json: body,
    lastSha: null,
    ended: about,
  };
}

function message(change: About["change"], run: Run, delivery: Delivery) {
  const { id, guid, source, event, action, repository, ref, sha, sender, receivedAt } = delivery;
  const text = sentence(change, run, delivery);
  return {
    action: change,
    // Under the two names that chat services read.
    text,
    content: text,
    hook: run.hook,
    run: {
      id: run.id,
      status: run.status,
      reason: run.reason,
      exitCode: run.exitCode,
      attempt: run.attempt,
      finishedAt: run.finishedAt && new Date(run.finishedAt).toISOString(),
    },
    delivery: {
      id,
      guid,
      source,
      event,
      action,
      repository,
      ref,
      sha,
      sender,
      receivedAt: new Date(receivedAt).toISOString(),
    },
  };
}

function sentence(change: About["change"], run: Run, { repository, ref }: Delivery): string {
  const where = [repository, ref?.replace(/^refs\/(heads|tags)\//, "")].filter(Boolean).join(" ");
  const what = change === "failed" ? "has failed" : "succeeds again";
  const why = change === "failed" ? (run.reason ?? `exit code ${run.exitCode}`) : undefined;
  return `${run.hook} ${what}${where && ` on ${where}`}${why === undefined ? "" : `: ${why}`} (run ${run.id})`;
}
