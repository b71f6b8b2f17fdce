/** Runs: lists, one with all that is known of it, what it has printed. */
import { createRoute, z } from "@hono/zod-openapi";
import { findLastAnswer } from "../../store/answers.ts";
import { answerToJson, runDetailsToJson, runToJson } from "../../store/as-json.ts";
import { listAttempts } from "../../store/attempts.ts";
import { pageOfRuns } from "../../store/bounded-list.ts";
import { aboutDeliveries, findDelivery } from "../../store/deliveries.ts";
import { findHighlights } from "../../store/highlights.ts";
import { readOutput } from "../../store/output.ts";
import { findRun, retriesOf } from "../../store/runs.ts";
import { found } from "../api-error.ts";
import { environmentNames } from "../environment-names.ts";
import { newRouter } from "../new-router.ts";
import { decodePieces } from "../output-text.ts";
import type { AdminParts } from "../parts.ts";
import { queryOf } from "../request-mistakes.ts";
import { idParam, listOf } from "../shapes/parts.ts";
import { ListedRun, Output, RunDetails } from "../shapes/runs.ts";
import { timelineOf } from "../timeline.ts";
import { answers } from "./answers.ts";
import { filterIn, pageIn, runQuery } from "./queries.ts";

const tags = ["runs"];

const list = createRoute({
  method: "get",
  path: "/api/runs",
  tags,
  summary: "The newest runs first",
  request: { query: runQuery },
  responses: answers(listOf(ListedRun).openapi("RunList"), "One page."),
});

const show = createRoute({
  method: "get",
  path: "/api/runs/{id}",
  tags,
  summary: "One run: attempts, what the last one pointed out, its way from received to finished",
  request: { params: idParam },
  responses: answers(RunDetails, "The run."),
});

const attempt = z
  .string()
  .regex(/^\d{1,9}$/, "it must be a number")
  .transform(Number)
  .optional()
  .openapi({ type: "integer", description: "Of this attempt; absent: of the last one." });

const output = createRoute({
  method: "get",
  path: "/api/runs/{id}/output",
  tags,
  summary: "What an attempt has printed so far",
  request: { params: idParam, query: queryOf({ attempt }) },
  responses: answers(Output, "The pieces, in their order. They may hold control characters."),
});

const outputText = createRoute({
  method: "get",
  path: "/api/runs/{id}/output.txt",
  tags,
  summary: "The same as a file, byte for byte",
  request: { params: idParam, query: queryOf({ attempt }) },
  responses: {
    200: {
      description: "The bytes. They are to be saved, never shown as a page.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
});

export function runRoutes({ store: { db }, today, settings }: AdminParts) {
  return newRouter()
    .openapi(list, async (c) => {
      const query = c.req.valid("query");
      const { items, next } = await pageOfRuns(db, filterIn(query), pageIn(query));
      const about = await aboutDeliveries(
        db,
        items.map(({ deliveryId }) => deliveryId),
      );
      // Whose delivery was pruned a moment ago goes with it.
      const listed = items.flatMap((run) => {
        const known = about.get(run.deliveryId);
        return known ? { ...runToJson(run), ...known } : [];
      });
      return c.json({ items: listed, next }, 200);
    })
    .openapi(show, async (c) => {
      const { id } = c.req.valid("param");
      const run = found(await findRun(db, id), `run ${id}`);
      const delivery = found(await findDelivery(db, run.deliveryId), `run ${id}`);
      const attempts = await listAttempts(db, run);
      const { annotations, summary } = await findHighlights(db, id, run.attempt);
      const answer = await findLastAnswer(db, id);
      const { hooks } = await today();
      const hook = hooks.find(({ name }) => name === run.hook);
      return c.json(
        {
          ...runDetailsToJson(run, attempts),
          retriedBy: await retriesOf(db, id),
          cancelRequested: run.finishedAt === null ? run.cancelReason : null,
          group: run.group,
          worker: run.worker,
          annotations: [...annotations],
          summary,
          answer: answer ? answerToJson(answer) : null,
          timeline: timelineOf(delivery, run, attempts),
          environment: environmentNames(hook, settings.inheritEnv),
        },
        200,
      );
    })
    .openapi(output, async (c) => {
      const run = found(await findRun(db, c.req.valid("param").id), `run ${c.req.valid("param").id}`);
      const wanted = c.req.valid("query").attempt ?? run.attempt;
      const pieces = await readOutput(db, run.id, wanted);
      return c.json({ run: runToJson(run), attempt: wanted, output: decodePieces(pieces) }, 200);
    })
    .openapi(outputText, async (c) => {
      const run = found(await findRun(db, c.req.valid("param").id), `run ${c.req.valid("param").id}`);
      const wanted = c.req.valid("query").attempt ?? run.attempt;
      const pieces = await readOutput(db, run.id, wanted);
      const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
      return c.body(new Uint8Array(bytes), 200, {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": `attachment; filename="run-${run.id}-attempt-${wanted}.txt"`,
      });
    });
}
