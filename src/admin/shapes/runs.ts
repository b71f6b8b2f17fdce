/** Runs as the API tells them: the same as `longshore runs --json`. */
import { z } from "@hono/zod-openapi";
import { status, time, timeOrNull } from "./parts.ts";

export const Run = z
  .object({
    id: z.int(),
    hook: z.string(),
    deliveryId: z.int(),
    status,
    reason: z.string().nullable(),
    attempt: z.int(),
    exitCode: z.int().nullable(),
    queuedAt: time,
    startedAt: timeOrNull,
    finishedAt: timeOrNull,
    durationMs: z.number().nullable(),
  })
  .openapi("Run");

/** With what its delivery is about. */
export const ListedRun = Run.extend({
  event: z.string(),
  action: z.string().nullable(),
  repository: z.string().nullable(),
  ref: z.string().nullable(),
  sha: z.string().nullable(),
}).openapi("ListedRun");

const Attempt = z
  .object({
    attempt: z.int(),
    outcome: z.enum([
      "queued",
      "running",
      "succeeded",
      "failed",
      "cancelled",
      "skipped",
      "interrupted",
      "handed back",
    ]),
    reason: z.string().nullable(),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    startedAt: time,
    finishedAt: timeOrNull,
  })
  .openapi("Attempt");

const Annotation = z
  .object({
    level: z.enum(["error", "warning", "notice"]),
    message: z.string(),
    title: z.string().nullable(),
    file: z.string().nullable(),
    line: z.int().nullable(),
    endLine: z.int().nullable(),
    column: z.int().nullable(),
    endColumn: z.int().nullable(),
  })
  .openapi("Annotation");

const Answer = z
  .object({
    attempt: z.int(),
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    encoding: z.enum(["base64", "utf-8"]),
    truncated: z.boolean(),
  })
  .openapi("Answer");

/** One step on the way of a run, from the delivery's arrival to its end. */
const Step = z
  .object({
    at: time,
    what: z.enum(["received", "queued", "started", "attempt ended", "due", "finished"]),
    attempt: z.int().nullable(),
    text: z.string(),
  })
  .openapi("Step");

export const RunDetails = Run.extend({
  signal: z.string().nullable(),
  dueAt: time,
  retryOf: z.int().nullable(),
  retriedBy: z.array(z.int()).meta({ description: "Runs that try this one once more." }),
  askedBy: z.string().nullable(),
  cancelRequested: z.string().nullable().meta({ description: "Why whoever performs it is to stop." }),
  group: z.string().nullable().meta({ description: "Its concurrency group." }),
  worker: z.string().nullable(),
  attempts: z.array(Attempt),
  annotations: z.array(Annotation),
  summary: z
    .string()
    .nullable()
    .meta({ description: "In Markdown, as the run wrote it: never to be trusted." }),
  answer: Answer.nullable(),
  timeline: z.array(Step),
  environment: z.array(z.string()).meta({
    description:
      "The names of the variables that its hook, as it is loaded now, gives it; never their values.",
  }),
}).openapi("RunDetails");

const OutputPiece = z
  .object({
    attempt: z.int(),
    seq: z.int(),
    stream: z.enum(["stdout", "stderr", "longshore"]),
    at: time,
    text: z.string(),
  })
  .openapi("OutputPiece");

export const Output = z
  .object({ run: Run, attempt: z.int(), output: z.array(OutputPiece) })
  .openapi("Output");

export const Cancelled = z
  .object({ run: z.int(), hook: z.string(), result: z.enum(["cancelled", "stopping", "ended"]) })
  .openapi("Cancelled");

export const Retried = z
  .object({
    run: z.int(),
    hook: z.string(),
    delivery: z.int(),
    retriedBy: z.int().nullable(),
    problem: z.string().nullable(),
  })
  .openapi("Retried");
