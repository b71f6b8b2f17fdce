/** What is new, as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import { createRoute, z } from "@hono/zod-openapi";
import { findRun } from "../../store/runs.ts";
import { found } from "../api-error.ts";
import { newRouter } from "../new-router.ts";
import type { AdminParts } from "../parts.ts";
import { idParam } from "../shapes/parts.ts";

const tags = ["live"];

const lastEventId = z.object({
  "last-event-id": z
    .string()
    .max(64)
    .optional()
    .openapi({ description: "The `id` of the last event that was read: what came after it is told first." }),
});

const events = createRoute({
  method: "get",
  path: "/api/events",
  tags,
  summary: "New deliveries, runs that have changed, hooks that have",
  request: { headers: lastEventId },
  responses: {
    200: {
      description: [
        "`ready`: from here on nothing is missed; look at lists after it.",
        "`delivery`: a Delivery that has come. `run`: a Run, as it is now.",
        "`hooks`: hooks or their files have changed.",
        "`reset`: more has happened than is told; look at the lists again.",
        "The same thing can be told twice: go by its `id`.",
      ].join(" "),
      content: { "text/event-stream": { schema: z.string() } },
    },
  },
});

const output = createRoute({
  method: "get",
  path: "/api/runs/{id}/output/stream",
  tags,
  summary: "What a run prints, from the beginning of its last attempt, and on until it has ended",
  request: { params: idParam, headers: lastEventId },
  responses: {
    200: {
      description: [
        '`output`: an OutputPiece. `attempt`: another attempt begins, `{"attempt"}`.',
        "`run`: the Run, when its status is another. `end`: the Run at its end; nothing comes after it.",
      ].join(" "),
      content: { "text/event-stream": { schema: z.string() } },
    },
    204: { description: "All has been told: do not ask again." },
  },
});

export function eventRoutes({ store: { db }, streams, changes, liveOutput }: AdminParts) {
  return newRouter()
    .openapi(events, (c) => {
      const last = c.req.valid("header")["last-event-id"];
      return streams.start(c, (push) => changes.watch(push, last));
    })
    .openapi(output, async (c) => {
      const { id } = c.req.valid("param");
      const run = found(await findRun(db, id), `run ${id}`);
      const last = c.req.valid("header")["last-event-id"];
      if (last === "end") return c.body(null, 204);
      return streams.start(c, (push, end) => liveOutput.watch(run, last, push, end));
    });
}
