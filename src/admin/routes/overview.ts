/** One look at all of it: how much came and how it ended, how long it took, what fails, what to see to. */
import { createRoute, z } from "@hono/zod-openapi";
import { isoTime } from "../../lib/times.ts";
import { runToJson } from "../../store/as-json.ts";
import { countAllQueuedRuns, lastEndedRun, timesOfEndedRuns } from "../../store/counts.ts";
import { listDeliveries } from "../../store/deliveries.ts";
import { listNodes } from "../../store/nodes.ts";
import { countRunningRuns, listRuns, type Run } from "../../store/runs.ts";
import type { Database } from "../../store/store.ts";
import { attentionFor } from "../attention.ts";
import { type Counts, type Ended, HOUR_MS, HourCounts, NONE, plus, sumOf } from "../hour-counts.ts";
import { newRouter } from "../new-router.ts";
import type { AdminParts, Today } from "../parts.ts";
import { percentiles } from "../percentiles.ts";
import { queryOf } from "../request-mistakes.ts";
import { Overview } from "../shapes/system.ts";
import { secretNames } from "../source-secrets.ts";
import { UndecidedDeliveries } from "../undecided.ts";
import { answers } from "./answers.ts";

const DAY_MS = 24 * HOUR_MS;

const RANGES = {
  "1h": { lengthMs: HOUR_MS, bucketMs: 120_000 },
  "24h": { lengthMs: DAY_MS, bucketMs: HOUR_MS },
  "7d": { lengthMs: 7 * DAY_MS, bucketMs: 6 * HOUR_MS },
  "30d": { lengthMs: 30 * DAY_MS, bucketMs: DAY_MS },
} as const;

/** Enough to tell how long it takes. */
const MAX_TIMES = 2_000;

const overview = createRoute({
  method: "get",
  path: "/api/overview",
  tags: ["overview"],
  summary: "How much came and how it ended, how long it took, what fails, what to see to, the first steps",
  request: {
    query: queryOf({
      range: z.enum(["1h", "24h", "7d", "30d"]).default("24h").openapi({ description: "Up to now." }),
    }),
  },
  responses: answers(Overview, "The overview."),
});

export function overviewRoutes(parts: AdminParts) {
  const { db } = parts.store;
  const hours = new HourCounts(db);
  const undecided = new UndecidedDeliveries(db);
  return newRouter().openapi(overview, async (c) => {
    const { lengthMs, bucketMs } = RANGES[c.req.valid("query").range];
    const until = Math.floor(Date.now() / bucketMs + 1) * bucketMs;
    const since = until - lengthMs;
    const buckets = await hours.of({ since, until, bucketMs });
    const all = sumOf(buckets);
    const today = await parts.today();
    const times = await timesOfEndedRuns(db, since, MAX_TIMES);
    const started = times.flatMap((one) => (one.started_at === null ? [] : { ...one, at: one.started_at }));
    const failing = await failingHooks(db, all.ended);
    const queued = await countAllQueuedRuns(db);
    const broken = failing.filter(({ isFailing }) => isFailing);
    return c.json(
      {
        ...{ since: isoTime(since), until: isoTime(until), bucketMs },
        buckets: buckets.map((bucket, index) => bucketToJson(bucket, since + index * bucketMs)),
        totals: { deliveries: totalOf(all.deliveries), ...endedOf(all) },
        now: { queued, running: await countRunningRuns(db) },
        runDurations: percentiles(started.map(({ at, finished_at }) => finished_at - at)),
        waits: percentiles(started.map(({ at, queued_at }) => at - queued_at)),
        acceptDurations: percentiles(parts.acceptDurations()),
        failing: failing.map((one) => ({ ...one, last: runToJson(one.last) })),
        attention: await attentionFor(parts, today, {
          ...{ failing: broken, since, queued },
          undecided: await undecided.since(since),
        }),
        firstSteps: await firstSteps(parts, today),
      },
      200,
    );
  });
}

function bucketToJson(counts: Counts, at: number) {
  return { at: isoTime(at), deliveries: counts.deliveries, runs: endedOf(counts) };
}

function endedOf({ ended }: Counts): Ended {
  return [...ended.values()].reduce(plus, NONE);
}

function totalOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

interface Failing {
  hook: string;
  failed: number;
  succeeded: number;
  isFailing: boolean;
  last: Run;
}

/** Those that have failed in this time: first those that fail still, then the ones that failed most. */
async function failingHooks(db: Database, ended: ReadonlyMap<string, Ended>): Promise<Failing[]> {
  const failing: Failing[] = [];
  for (const [hook, { failed, succeeded }] of ended) {
    if (failed === 0) continue;
    const last = await lastEndedRun(db, hook);
    if (last) failing.push({ hook, failed, succeeded, isFailing: last.status === "failed", last });
  }
  return failing.sort((a, b) => Number(b.isFailing) - Number(a.isFailing) || b.failed - a.failed);
}

/** What is to be done until the first delivery has been worked on. */
async function firstSteps(parts: AdminParts, { hooks }: Today) {
  const { db } = parts.store;
  const nodes = (await listNodes(db, Date.now())).filter(({ state }) => state === "up");
  return {
    hasSecret: parts.settings.sources.every((source) => secretNames(parts, source).secrets.length > 0),
    hasPublicUrl: parts.settings.publicUrl !== undefined,
    hasHook: hooks.length > 0,
    hasReceiver: nodes.some(({ roles }) => roles.includes("receiver")),
    hasWorker: nodes.some(({ roles }) => roles.includes("worker")),
    hasDelivery: (await listDeliveries(db, {}, { limit: 1 })).length > 0,
    hasRun: (await listRuns(db, {}, { limit: 1 })).length > 0,
  };
}
