/** Deliveries as the API tells them: the same as `longshore deliveries --json`. */
import { z } from "@hono/zod-openapi";
import { status, time } from "./parts.ts";
import { Run } from "./runs.ts";

export const Delivery = z
  .object({
    id: z.int(),
    guid: z.string(),
    source: z.string(),
    webhookId: z.int().nullable(),
    event: z.string(),
    action: z.string().nullable(),
    repository: z.string().nullable(),
    ref: z.string().nullable(),
    sender: z.string().nullable(),
    receivedAt: time,
    size: z.int().meta({ description: "Bytes of the body as received." }),
    replayed: z.boolean().meta({ description: "Whether it was held back as a replay." }),
    runs: z.array(z.object({ id: z.int(), hook: z.string(), status })),
  })
  .openapi("Delivery");

const Check = z
  .object({
    filter: z.string(),
    passed: z.boolean(),
    reason: z.string(),
    error: z.literal(true).optional().meta({ description: "It could not be told." }),
    undecided: z
      .literal(true)
      .optional()
      .meta({ description: "It passes only because the changed files are not known." }),
  })
  .openapi("Check");

export const Verdict = z
  .object({
    hook: z.string(),
    matches: z.boolean(),
    error: z.literal(true).optional(),
    group: z
      .object({ name: z.string(), queue: z.enum(["single", "max"]), cancelsRunning: z.boolean() })
      .optional(),
    checks: z.array(Check),
  })
  .openapi("Verdict");

const byHand = z.boolean().meta({ description: "Whether a person made it here; GitHub has not sent it." });

export const ListedDelivery = Delivery.extend({ sha: z.string().nullable(), byHand }).openapi(
  "ListedDelivery",
);

export const DeliveryDetails = ListedDelivery.extend({
  client: z.string().nullable().meta({ description: "The address it came from." }),
  secret: z.string().nullable().meta({ description: "The name of the secret that matched." }),
  contentType: z.enum(["json", "form"]),
  verdicts: z.array(Verdict).nullable().meta({ description: "`null` where no hooks were asked." }),
  headers: z.record(z.string(), z.string()),
  payload: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: "`null` where it is larger than `payload` asked for: see `/body`." }),
  runDetails: z.array(Run).meta({ description: "Its runs, the oldest first." }),
}).openapi("DeliveryDetails");

export const Replayed = z
  .object({
    delivery: z.int(),
    runs: z.array(z.object({ hook: z.string(), run: z.int(), cancelled: z.string().optional() })),
    busy: z.array(z.object({ hook: z.string(), run: z.int() })),
  })
  .openapi("Replayed");

export const Story = z
  .object({
    asked: z.string(),
    kind: z.enum(["guid", "commit", "branch", "repository"]),
    sentences: z.array(z.string()).meta({ description: "All of it for people, as `longshore why` says it." }),
    deliveries: z.array(
      Delivery.extend({
        sha: z.string().nullable(),
        byHand: z.boolean(),
        judged: z.boolean(),
        hooks: z.array(
          z.object({
            hook: z.string(),
            matches: z.boolean().nullable(),
            checks: z.array(Check).nullable(),
            runs: z.array(Run.extend({ lastLines: z.array(z.string()) })),
          }),
        ),
      }),
    ),
    refused: z.array(
      z.object({
        id: z.int(),
        at: time,
        source: z.string().nullable(),
        code: z.string(),
        peer: z.string().nullable(),
        event: z.string().nullable(),
        guid: z.string().nullable(),
        webhookId: z.string().nullable(),
      }),
    ),
    last: Delivery.nullable(),
    next: z.string().nullable().meta({ description: "What to type next." }),
  })
  .openapi("Story");
