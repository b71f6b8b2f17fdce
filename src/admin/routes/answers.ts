/** What routes say of their answers in the API's description. */
import type { z } from "@hono/zod-openapi";

/** The usual answer: JSON of this shape. */
export function answers<T extends z.ZodType>(schema: T, description: string) {
  return { 200: { description, content: { "application/json": { schema } } } } as const;
}

/** The body that a request has to bring. */
export function takes<T extends z.ZodType>(schema: T) {
  return { content: { "application/json": { schema } }, required: true } as const;
}
