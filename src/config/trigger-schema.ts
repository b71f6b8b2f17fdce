/**
 * The form of `on`: a name, a list of names, or a map from names to filters. Which names and which filters go together
 * is the business of `trigger-remarks.ts`.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#on
 */
import { z } from "zod";
import type { Trigger } from "../match/hook.ts";
import { checkPathPattern, checkRefPattern } from "../match/pattern-kinds.ts";
import { list, patterns, text } from "./schema-parts.ts";
import { about, keys } from "./yaml-file.ts";

export const EVENT_NAME = /^[a-z0-9_]+$/;

const eventName = text
  .regex(EVENT_NAME, {
    error: (issue) => `"${issue.input}" is no event name; GitHub writes them like \`pull_request\``,
  })
  .meta({ pattern: EVENT_NAME.source });

/** To add a filter: its line here, with what it is `about`. That Actions has it for an event, `match/events.json` knows. */
const FILTERS = keys({
  types: list(text)
    .optional()
    .meta(
      about(
        "The actions of the event, such as `types: [published]`",
        "all; `pull_request` and `pull_request_target`: `opened`, `synchronize`, `reopened`",
      ),
    ),
  branches: patterns(checkRefPattern)
    .optional()
    .meta(about("[Patterns](#patterns) of the branches that are let in", "all")),
  "branches-ignore": patterns(checkRefPattern)
    .optional()
    .meta(about("Patterns of the branches that are kept out", "none")),
  tags: patterns(checkRefPattern).optional().meta(about("Patterns of the tags that are let in", "all")),
  "tags-ignore": patterns(checkRefPattern)
    .optional()
    .meta(about("Patterns of the tags that are kept out", "none")),
  paths: patterns(checkPathPattern)
    .optional()
    .meta(about("Patterns of changed files, of which at least one has to be let in", "all")),
  "paths-ignore": patterns(checkPathPattern)
    .optional()
    .meta(about("Patterns of changed files, of which at least one has to be left over", "none")),
  workflows: list(text)
    .optional()
    .meta(about("The names of the workflows that a `workflow_run` is of", "all")),
  deleted: z
    .boolean()
    .optional()
    .meta(
      about(
        "Ours, not Actions'. `true`: pushes that delete a branch or tag are asked for as well",
        "`false`",
      ),
    ),
});

/** Filters that Actions does not have, and the events that they go with. */
export const OURS = new Map([["deleted", ["push"]]]);

export const ON = z.union([
  eventName,
  z.array(eventName).min(1, "names no event"),
  z
    .record(eventName, FILTERS.nullable())
    .refine((events) => Object.keys(events).length > 0, "names no event")
    .meta({ minProperties: 1 }),
]);

export function toTriggers(on: z.output<typeof ON>): Trigger[] {
  if (typeof on === "string") return [{ event: on }];
  if (Array.isArray(on)) return on.map((event) => ({ event }));
  return Object.entries(on).map(([event, filters]) => ({ event, ...filters }));
}
