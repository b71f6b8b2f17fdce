/**
 * The form of `concurrency`: the name of a group, or a map.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#concurrency
 */
import { z } from "zod";
import type { Concurrency } from "../match/hook.ts";
import { readCondition } from "../match/template.ts";
import { about, keys } from "./yaml-file.ts";

const group = z.string().min(1, "cannot be empty");

const BOTH =
  "`queue: max` performs all that wait and `cancel-in-progress` none but the newest; leave one of them out";

export const CONCURRENCY = z.union([
  group,
  keys({
    group: group.meta(
      about(
        "The group's name, an [expression](#expressions) or with some in it, such as `deploy-${{ github.ref }}`. Upper and lower case are the same",
      ),
    ),
    "cancel-in-progress": z
      .union([z.boolean(), z.string()])
      .default(false)
      .meta(about("Whether a new run stops the one that is being performed, or an expression")),
    queue: z
      .enum(["single", "max"])
      .default("single")
      .meta(
        about(
          "`single`: one run waits, and the newest takes its place. `max`: up to 100 wait, in the order in which they came",
        ),
      ),
    scope: z
      .enum(["repository", "server"])
      .default("repository")
      .meta(
        about(
          "Ours, not Actions'. `repository`: the group is one of the delivery's repository and source. `server`: of all hooks that name it",
        ),
      ),
  }).refine((written) => written.queue === "single" || written["cancel-in-progress"] === false, {
    path: ["queue"],
    message: BOTH,
  }),
]);

type Written = z.output<typeof CONCURRENCY>;

export function toConcurrency(written: Written): Concurrency {
  if (typeof written === "string")
    return { group: written, scope: "repository", queue: "single", cancelInProgress: false };
  const { group: name, scope, queue, "cancel-in-progress": cancels } = written;
  return {
    group: name,
    scope,
    queue,
    cancelInProgress: typeof cancels === "string" ? readCondition(cancels).expression.trim() : cancels,
  };
}

/** The texts in it that can have expressions, each with its `${{ }}`. */
export function textsOf(written: Written | undefined): string[] {
  if (written === undefined) return [];
  const { group: name, cancelInProgress } = toConcurrency(written);
  return typeof cancelInProgress === "string" ? [name, `\${{ ${cancelInProgress} }}`] : [name];
}
