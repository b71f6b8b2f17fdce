/** One box for a GUID, a commit, a branch or a repository: the whole story, as `longshore why` tells it. */
import { createRoute, z } from "@hono/zod-openapi";
import { storyToJson, tellWhy } from "../../store/why.ts";
import { sentences } from "../../store/why-sentences.ts";
import { newRouter } from "../new-router.ts";
import type { AdminParts } from "../parts.ts";
import { queryOf } from "../request-mistakes.ts";
import { Story } from "../shapes/deliveries.ts";
import { answers } from "./answers.ts";

const search = createRoute({
  method: "get",
  path: "/api/search",
  tags: ["deliveries"],
  summary: "Whether something arrived, what the hooks said of it, and what became of it",
  request: {
    query: queryOf({
      q: z.string().trim().min(1).max(1_024).openapi({
        description: "A GUID, a commit (its first seven digits will do), a branch or tag, or a repository.",
        example: "main",
      }),
      hook: z.string().max(1_024).optional().openapi({ description: "Only what concerns this hook." }),
      repo: z.string().max(1_024).optional().openapi({ description: "Only of this repository." }),
    }),
  },
  responses: answers(Story, "What was found, the newest first, a few."),
});

export function searchRoutes({ store: { db }, today }: AdminParts) {
  return newRouter().openapi(search, async (c) => {
    const { q, hook, repo } = c.req.valid("query");
    const answer = await tellWhy(db, q, { hook, repository: repo }, await today());
    return c.json({ ...storyToJson(answer), sentences: sentences(answer) }, 200);
  });
}
