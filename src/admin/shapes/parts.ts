/** What many shapes of the API are made of, and what errors look like. */
import { z } from "@hono/zod-openapi";

/** ISO 8601, in UTC. */
export const time = z.string().meta({ format: "date-time" });

export const timeOrNull = time.nullable();

export const STATUSES = ["queued", "running", "succeeded", "failed", "cancelled", "skipped"] as const;

export const status = z.enum(STATUSES);

export const ApiProblem = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .openapi("Error");

/** What is wrong with a file: lines and columns from 1, `null` where the whole file is meant. */
export const Problem = z
  .object({
    file: z.string(),
    line: z.int().nullable(),
    column: z.int().nullable(),
    severity: z.enum(["error", "warning"]),
    message: z.string(),
  })
  .openapi("Problem");

export const idParam = z.object({
  id: z.coerce
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .openapi({ param: { name: "id", in: "path" }, type: "integer" }),
});

/** A page of a list: `next` is what to say as `after` for the rest. A page may be short and still have a `next`. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
