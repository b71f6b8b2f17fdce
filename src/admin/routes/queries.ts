/** The filters and pages of lists, as they stand in the query of a URL. */
import { z } from "@hono/zod-openapi";
import { parseTime } from "../../lib/times.ts";
import type { Page } from "../../store/deliveries.ts";
import { queryOf } from "../request-mistakes.ts";
import { STATUSES } from "../shapes/parts.ts";

const text = z.string().min(1).max(1_024).optional();

const number = (max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, "it must be a number")
    .transform(Number)
    .pipe(z.int().min(1).max(max));

const time = z
  .string()
  .max(64)
  .transform((value, context) => {
    const at = parseTime(value, Date.now());
    if (at !== undefined) return at;
    context.addIssue({ code: "custom", message: 'it must be a time such as 2026-11-24T08:00:00Z, or "2h"' });
    return z.NEVER;
  });

const said = (description: string, example?: string) => ({
  description,
  type: "string" as const,
  ...(example === undefined ? {} : { example }),
});

export const pageQuery = {
  limit: number(1_000)
    .default(50)
    .openapi({ type: "integer", minimum: 1, maximum: 1_000, description: "How many at most." }),
  after: number(Number.MAX_SAFE_INTEGER)
    .optional()
    .openapi(said("The `next` of an earlier page: only what comes after it.")),
};

const timeQuery = {
  since: time.optional().openapi(said('Not older than this: an ISO time, or "2h" for two hours ago.', "2h")),
  until: time.optional().openapi(said("Older than this.")),
};

const aboutQuery = {
  source: text.openapi(said("Of this source.")),
  event: text.openapi(said("Of this event.", "push")),
  action: text.openapi(said("With this action.", "opened")),
  repo: text.openapi(said("Of this repository: `owner/name`.", "acme/site")),
  ref: text.openapi(said("Of this ref, or branch or tag.", "main")),
  sender: text.openapi(said("Of this person on GitHub.")),
};

export const deliveryQuery = queryOf({
  ...aboutQuery,
  ...timeQuery,
  guid: text.openapi(said("With this GUID.")),
  hook: text.openapi(said("That this hook has run for.")),
  status: z
    .enum([...STATUSES, "none", "replayed"])
    .optional()
    .openapi({
      description:
        "That have a run of this status; `none`: that have started none; `replayed`: that were held back.",
    }),
  ...pageQuery,
});

export const runQuery = queryOf({
  ...aboutQuery,
  ...timeQuery,
  hook: text.openapi(said("Of this hook.")),
  status: z.enum(STATUSES).optional().openapi({ description: "Of this status." }),
  delivery: number(Number.MAX_SAFE_INTEGER).optional().openapi(said("Of this delivery.")),
  ...pageQuery,
});

export function pageIn({ limit, after }: { limit: number; after?: number | undefined }): Page {
  return after === undefined ? { limit } : { limit, after };
}

/** What is `undefined` says nothing. The API says `repo`, as the command line does. */
export function filterIn<T extends { repo?: string | undefined; limit: number; after?: number | undefined }>(
  query: T,
) {
  const { repo, limit: _limit, after: _after, ...filter } = query;
  return { ...filter, repository: repo };
}
