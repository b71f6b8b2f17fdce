/** What the admin API answers: its own shapes, so that a page cannot expect what the API does not say. */
import type { z } from "@hono/zod-openapi";
import type * as deliveries from "../../../src/admin/shapes/deliveries.ts";
import type * as hooks from "../../../src/admin/shapes/hooks.ts";
import type * as parts from "../../../src/admin/shapes/parts.ts";
import type * as runs from "../../../src/admin/shapes/runs.ts";
import type * as system from "../../../src/admin/shapes/system.ts";

export type RunStatus = z.infer<typeof parts.status>;
export type Problem = z.infer<typeof parts.Problem>;

export type Delivery = z.infer<typeof deliveries.Delivery>;
export type DeliveryDetails = z.infer<typeof deliveries.DeliveryDetails>;
export type Verdict = z.infer<typeof deliveries.Verdict>;
export type Check = Verdict["checks"][number];
export type Replayed = z.infer<typeof deliveries.Replayed>;
export type Story = z.infer<typeof deliveries.Story>;

export type RunOfDelivery = Delivery["runs"][number];
export type DeliveryOfList = z.infer<typeof deliveries.ListedDelivery>;
export type RunOfList = z.infer<typeof runs.ListedRun>;

export type RunDetails = z.infer<typeof runs.RunDetails>;
export type Attempt = RunDetails["attempts"][number];
export type Annotation = RunDetails["annotations"][number];
export type ForwardAnswer = NonNullable<RunDetails["answer"]>;
export type Step = RunDetails["timeline"][number];
export type OutputPiece = Output["output"][number];
export type Output = z.infer<typeof runs.Output>;
export type Retried = z.infer<typeof runs.Retried>;
export type Cancelled = z.infer<typeof runs.Cancelled>;

export type Hook = HookList["items"][number];
export type HookDetails = z.infer<typeof hooks.HookDetails>;
export type HookList = z.infer<typeof hooks.HookList>;
export type Trial = z.infer<typeof hooks.Trial>;
export type TrialResult = z.infer<typeof hooks.TrialResult>;
export type Sample = z.infer<typeof hooks.Sample>;

export type Overview = z.infer<typeof system.Overview>;
export type Bucket = Overview["buckets"][number];
export type Attention = Overview["attention"][number];
export type Source = SourceList["items"][number];
export type SourceList = z.infer<typeof system.SourceList>;
export type Refusal = z.infer<typeof system.Refusal>;
export type NodeList = z.infer<typeof system.NodeList>;
export type AuditEntry = z.infer<typeof system.AuditEntry>;
export type Session = z.infer<typeof system.Session>;
export type Token = z.infer<typeof system.Token>;

export const STATUSES: readonly RunStatus[] = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "skipped",
];

/** One page of a list. `next` is where the following one begins. */
export interface List<T> {
  items: T[];
  next: string | null;
}
