/** Hooks as the API tells them, and what comes of trying one. */
import { z } from "@hono/zod-openapi";
import { Verdict } from "./deliveries.ts";
import { Problem } from "./parts.ts";
import { Run } from "./runs.ts";

const patterns = z.array(z.string()).optional();

const Trigger = z
  .object({
    event: z.string(),
    types: patterns,
    branches: patterns,
    "branches-ignore": patterns,
    tags: patterns,
    "tags-ignore": patterns,
    paths: patterns,
    "paths-ignore": patterns,
    workflows: patterns,
    deleted: z.boolean().optional(),
  })
  .openapi("Trigger");

const Hook = z
  .object({
    name: z.string(),
    file: z.string().meta({ description: "Its path on the server." }),
    kind: z
      .enum(["script", "executable", "handler", "forward", "listener"])
      .nullable()
      .meta({ description: "`null` of a file that has never been right since the server was started." }),
    loaded: z.boolean().meta({ description: "Whether a version of it is at work." }),
    disabled: z.boolean(),
    on: z.array(Trigger),
    source: z.string().nullable(),
    repositories: z.array(z.string()).nullable(),
    forks: z.enum(["run"]).nullable(),
    if: z.string().nullable(),
    problems: z.array(Problem).meta({ description: "What is wrong with the file as it is now." }),
    queuedRuns: z.int(),
    recent: z.array(Run).meta({ description: "Its newest runs, the newest first." }),
  })
  .openapi("Hook");

export const HookDetails = Hook.extend({
  text: z.string().nullable().meta({
    description: "The file as it is on the server now; `null` of one that is no text, or too large.",
  }),
  concurrency: z
    .object({
      group: z.string(),
      scope: z.enum(["repository", "server"]),
      queue: z.enum(["single", "max"]),
      cancelInProgress: z.union([z.boolean(), z.string()]),
    })
    .nullable(),
  environment: z.array(z.string()),
  timeoutMs: z.number().nullable(),
}).openapi("HookDetails");

export const HookList = z
  .object({ items: z.array(Hook), next: z.string().nullable(), problems: z.array(Problem) })
  .openapi("HookList");

export const Switched = z
  .object({ hook: z.string(), disabled: z.boolean(), changed: z.boolean(), queuedRuns: z.int() })
  .openapi("Switched");

export const Trial = z
  .object({
    text: z
      .string()
      .max(1_048_576)
      .optional()
      .meta({ description: "A hook file in YAML; absent: all hooks as they are loaded are asked." }),
    hook: z.string().max(1_024).optional().meta({ description: "The name that the hook is to have." }),
    delivery: z.int().min(1).optional().meta({ description: "A stored delivery." }),
    sample: z
      .object({ event: z.string(), action: z.string().optional() })
      .optional()
      .meta({ description: "One of `/api/samples`." }),
    source: z.string().optional().meta({ description: "The source that a sample comes to." }),
  })
  .openapi("Trial");

export const TrialResult = z
  .object({
    problems: z.array(Problem),
    event: z.string(),
    verdicts: z.array(Verdict).meta({ description: "None where the text is no hook: `problems` say why." }),
  })
  .openapi("TrialResult");

export const Sample = z.object({ event: z.string(), action: z.string().nullable() }).openapi("Sample");
