/** What somebody ought to look at: broken hooks, refused requests, runs that failed, what no hook could tell, nodes that differ. */
import { formatDuration } from "../lib/quantity.ts";
import { isoTime } from "../lib/times.ts";
import { readAddresses } from "../store/github-addresses.ts";
import { hookDifferences } from "../store/node-differences.ts";
import { isWorking, listNodes } from "../store/nodes.ts";
import { MEANINGS } from "../store/refusal-meanings.ts";
import { listRefusals, MAX_REFUSALS } from "../store/refusals.ts";
import type { Run } from "../store/runs.ts";
import type { AdminParts, Today } from "./parts.ts";
import { entriesOf } from "./routes/hooks.ts";
import type { UndecidedHook } from "./undecided.ts";

export interface Attention {
  kind:
    | "hook broken"
    | "refused"
    | "run failed"
    | "nodes differ"
    | "no worker"
    | "addresses old"
    | "hook disabled"
    | "undecided";
  severity: "error" | "warning";
  message: string;
  at: string | null;
  hook: string | null;
  run: number | null;
  delivery: number | null;
  count: number;
}

const ADDRESSES_OLD_MS = 2 * 86_400_000;

/** @param failing the newest run of each hook that fails, with how many of its runs have failed. */
export async function attentionFor(
  parts: AdminParts,
  today: Today,
  {
    failing,
    since,
    queued,
    undecided,
  }: {
    failing: readonly { last: Run; failed: number }[];
    since: number;
    queued: number;
    undecided: readonly UndecidedHook[];
  },
): Promise<Attention[]> {
  return [
    ...brokenHooks(today),
    ...failing.map(({ last, failed }) =>
      attention("run failed", "error", `${last.hook} fails: ${howIt(last)}`, {
        at: last.finishedAt,
        hook: last.hook,
        run: last.id,
        count: failed,
      }),
    ),
    ...undecided.map(({ hook, delivery, reason, count }) =>
      attention("undecided", "error", `${hook} could not tell whether it is for a delivery: ${reason}`, {
        at: delivery.receivedAt,
        hook,
        delivery: delivery.id,
        count,
      }),
    ),
    ...(await aboutNodes(parts, queued)),
    ...(await refused(parts, since)),
    ...(await aboutAddresses(parts)),
    ...today.hooks
      .filter(({ disabled }) => disabled)
      .map(({ name }) =>
        attention("hook disabled", "warning", `${name} is disabled: it matches nothing`, { hook: name }),
      ),
  ];
}

function howIt({ reason, exitCode }: Run): string {
  return reason ?? (exitCode === null ? "its newest run failed" : `exit code ${exitCode}`);
}

function brokenHooks(today: Today): Attention[] {
  return entriesOf(today).flatMap(({ name, hook, problems }) => {
    const errors = problems.filter(({ severity }) => severity === "error");
    const [first] = errors;
    if (!first) return [];
    const place = first.line === null ? "" : `, line ${first.line}`;
    const end = /[.?!]$/.test(first.message) ? "" : ".";
    const goesOn = hook ? " Its last good version is at work." : "";
    return [
      attention("hook broken", "error", `${name}${place}: ${first.message}${end}${goesOn}`, {
        hook: name,
        count: errors.length,
      }),
    ];
  });
}

async function aboutNodes({ store: { db } }: AdminParts, queued: number): Promise<Attention[]> {
  const nodes = await listNodes(db, Date.now());
  const faults = hookDifferences(nodes)
    .filter(({ isFault }) => isFault)
    .map(({ hook, message }) => attention("nodes differ", "error", message, { hook }));
  if (nodes.some(isWorking) || queued === 0) return faults;
  const message = `no worker is there, and runs wait: ${queued}`;
  return [attention("no worker", "error", message, { count: queued }), ...faults];
}

/** What claims no event was somebody who tries doors. */
async function refused({ store: { db } }: AdminParts, since: number): Promise<Attention[]> {
  const recent = (await listRefusals(db, MAX_REFUSALS)).filter(
    ({ at, event, code }) => at >= since && (event !== null || code === "store_unavailable"),
  );
  return [...Map.groupBy(recent, ({ code }) => code)].map(([code, all]) => {
    const meaning = MEANINGS[code];
    const many = all.length === 1 ? "a request was refused" : `${all.length} requests were refused`;
    const message = `${many} with ${code}${meaning ? `: ${meaning.means}` : ""}`;
    const severity = meaning && !meaning.isStrangers ? "error" : "warning";
    return attention("refused", severity, message, { at: all[0]?.at ?? null, count: all.length });
  });
}

async function aboutAddresses({ store: { db }, settings }: AdminParts): Promise<Attention[]> {
  if (!settings.sources.some(({ allowFrom }) => allowFrom.includes("github"))) return [];
  const addresses = await readAddresses(db, settings.githubApiUrl);
  if (!addresses) return [];
  const checkedAt = Date.parse(addresses.checkedAt);
  const ageMs = Date.now() - checkedAt;
  if (ageMs < ADDRESSES_OLD_MS) return [];
  const message = `GitHub's list of addresses was confirmed ${formatDuration(ageMs)} ago: new ones are refused`;
  return [attention("addresses old", "warning", message, { at: checkedAt })];
}

function attention(
  kind: Attention["kind"],
  severity: Attention["severity"],
  message: string,
  {
    at = null,
    hook = null,
    run = null,
    delivery = null,
    count = 1,
  }: Partial<Omit<Attention, "at">> & { at?: number | null },
): Attention {
  return { kind, severity, message, at: at === null ? null : isoTime(at), hook, run, delivery, count };
}
