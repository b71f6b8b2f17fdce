/** Sources, nodes, refused requests, and what the overview is made of. */
import { z } from "@hono/zod-openapi";
import { time, timeOrNull } from "./parts.ts";
import { Run } from "./runs.ts";

export const Refusal = z
  .object({
    id: z.int(),
    at: time,
    source: z.string().nullable(),
    code: z.string(),
    peer: z.string().nullable(),
    event: z.string().nullable().meta({ description: "As it was claimed: nobody has verified it." }),
    guid: z.string().nullable(),
    webhookId: z.string().nullable(),
    means: z.string().nullable().meta({ description: "What it says of the setup." }),
    remedy: z.string().nullable().meta({ description: "What would admit it, where it is GitHub's." }),
  })
  .openapi("Refusal");

const Source = z
  .object({
    name: z.string(),
    path: z.string(),
    payloadUrl: z.string().nullable().meta({ description: "`null` without `public-url`." }),
    allowFrom: z.array(z.string()),
    allowSha1: z.boolean(),
    replayProtection: z.enum(["auto", "off"]),
    insecureNoSecret: z.boolean(),
    respond: z.enum(["stored", "outcome"]),
    maxBodyBytes: z.int(),
    secrets: z.array(
      z.object({ name: z.string(), origin: z.enum(["environment", "file"]), lastUsedAt: timeOrNull }),
    ),
    secretsProblem: z.string().nullable(),
    refusedByCode: z.record(z.string(), z.int()),
    lastDeliveryAt: timeOrNull,
  })
  .openapi("Source");

const Addresses = z
  .object({
    apiUrl: z.string(),
    checkedAt: timeOrNull.meta({
      description: "`null` when GitHub has not answered yet: the list that came with this version counts.",
    }),
    ranges: z.array(z.string()),
  })
  .openapi("Addresses");

export const SourceList = z
  .object({ items: z.array(Source), next: z.string().nullable(), addresses: Addresses })
  .openapi("SourceList");

const Node = z
  .object({
    name: z.string(),
    host: z.string(),
    roles: z.array(z.string()),
    state: z.enum(["up", "gone", "stopped"]),
    version: z.string(),
    startedAt: time,
    seenAt: time,
    stoppedAt: timeOrNull,
    hooksFolder: z.string(),
    hooksDigest: z.string(),
    hooks: z.array(z.object({ name: z.string(), version: z.string().nullable() })),
  })
  .openapi("Node");

export const NodeList = z
  .object({
    items: z.array(Node),
    next: z.string().nullable(),
    differences: z.array(z.object({ hook: z.string(), message: z.string(), isFault: z.boolean() })),
  })
  .openapi("NodeList");

const Durations = z
  .object({
    count: z.int().meta({ description: "Of how many it is told." }),
    p50: z.number().nullable(),
    p95: z.number().nullable(),
    p99: z.number().nullable(),
    max: z.number().nullable(),
  })
  .openapi("Durations");

const Bucket = z
  .object({
    at: time.meta({ description: "When it begins." }),
    deliveries: z.object({ matched: z.int(), unmatched: z.int(), replayed: z.int() }),
    runs: z.object({ succeeded: z.int(), failed: z.int(), cancelled: z.int(), skipped: z.int() }),
  })
  .openapi("Bucket");

const Attention = z
  .object({
    kind: z.enum([
      "hook broken",
      "refused",
      "run failed",
      "nodes differ",
      "no worker",
      "addresses old",
      "hook disabled",
      "undecided",
    ]),
    severity: z.enum(["error", "warning"]),
    message: z.string(),
    at: timeOrNull,
    hook: z.string().nullable(),
    run: z.int().nullable(),
    delivery: z.int().nullable(),
    count: z.int(),
  })
  .openapi("Attention");

export const Overview = z
  .object({
    since: time,
    until: time,
    bucketMs: z.int(),
    buckets: z.array(Bucket).meta({ description: "Without gaps, the oldest first." }),
    totals: z.object({
      deliveries: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      cancelled: z.int(),
      skipped: z.int(),
    }),
    now: z.object({ queued: z.int(), running: z.int() }),
    runDurations: Durations.meta({ description: "Milliseconds of the runs that ended in this time." }),
    waits: Durations.meta({ description: "Milliseconds from queued to the start of the last attempt." }),
    acceptDurations: Durations.meta({
      description: "Milliseconds from a request's head to its answer, on this node since it was started.",
    }),
    failing: z.array(
      z.object({
        hook: z.string(),
        failed: z.int(),
        succeeded: z.int(),
        isFailing: z.boolean().meta({ description: "Whether its newest run that has ended failed." }),
        last: Run,
      }),
    ),
    attention: z.array(Attention),
    firstSteps: z.object({
      hasSecret: z.boolean(),
      hasPublicUrl: z.boolean(),
      hasHook: z.boolean(),
      hasReceiver: z.boolean(),
      hasWorker: z.boolean(),
      hasDelivery: z.boolean(),
      hasRun: z.boolean(),
    }),
  })
  .openapi("Overview");

export const AuditEntry = z
  .object({
    id: z.int(),
    at: time,
    who: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi("AuditEntry");

export const Session = z
  .object({
    name: z.string().meta({ description: "Who it is, for the record." }),
    role: z.enum(["viewer", "admin"]),
    by: z.enum(["session", "token", "admin token", "proxy"]),
    expiresAt: timeOrNull,
    version: z.string().meta({ description: "Of Longshore." }),
  })
  .openapi("Session");

export const Token = z
  .object({
    id: z.int(),
    name: z.string(),
    role: z.enum(["viewer", "admin"]),
    createdAt: time,
    createdBy: z.string(),
    lastUsedAt: timeOrNull,
    revokedAt: timeOrNull,
  })
  .openapi("Token");
