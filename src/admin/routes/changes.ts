/** What a person changes: replay, retry, cancel, switching hooks off and on. Each is written down with who did it. */
import { createRoute, z } from "@hono/zod-openapi";
import { hookNamed } from "../../config/hook-named.ts";
import { replayByHooks, retryRun } from "../../store/by-hooks-of-today.ts";
import { cancelRun } from "../../store/control.ts";
import { findDelivery } from "../../store/deliveries.ts";
import { disableHook, enableHook, listDisabledHooks } from "../../store/disabled-hooks.ts";
import { QueueLimit } from "../../store/queue-limit.ts";
import { countQueuedRuns, findRun } from "../../store/runs.ts";
import { ApiError, found } from "../api-error.ts";
import { newRouter } from "../new-router.ts";
import { noteAndTell } from "../note-and-tell.ts";
import type { AdminParts } from "../parts.ts";
import { Replayed } from "../shapes/deliveries.ts";
import { Switched } from "../shapes/hooks.ts";
import { idParam } from "../shapes/parts.ts";
import { Cancelled, Retried } from "../shapes/runs.ts";
import { answers, takes } from "./answers.ts";
import { nameParam } from "./hooks.ts";

const force = z.boolean().default(false).openapi({
  description: "Also where the hook has succeeded for a newer push.",
});

const replay = createRoute({
  method: "post",
  path: "/api/deliveries/{id}/replay",
  tags: ["deliveries"],
  summary: "Start its runs once more, by the hooks of today",
  request: {
    params: idParam,
    body: takes(
      z
        .object({
          hook: z.string().min(1).max(1_024).optional().openapi({
            description:
              "Only this hook, whatever its filters say: so a person approves what came from a fork.",
          }),
          force,
        })
        .openapi("ReplayWish"),
    ),
  },
  responses: answers(Replayed, "The runs that were started, and those that are at it still."),
});

const cancel = createRoute({
  method: "post",
  path: "/api/runs/{id}/cancel",
  tags: ["runs"],
  summary: "End it: one that waits never starts, one that is being performed is stopped",
  request: { params: idParam },
  responses: answers(Cancelled, "What becomes of it."),
});

const retry = createRoute({
  method: "post",
  path: "/api/runs/{id}/retry",
  tags: ["runs"],
  summary: "Try a run that has ended once more, by a new run of its hook as it is today",
  request: { params: idParam, body: takes(z.object({ force }).openapi("RetryWish")) },
  responses: answers(Retried, "The new run, or why there is none."),
});

const switches = (verb: "disable" | "enable", summary: string) =>
  createRoute({
    method: "post",
    path: `/api/hooks/{name}/${verb}` as const,
    tags: ["hooks"],
    summary,
    request: { params: nameParam },
    responses: answers(Switched, "How it stands now."),
  });

const disable = switches("disable", "Let it match nothing and run nothing, until it is enabled again");
const enable = switches("enable", "End that; runs that have waited for it start");

export function changeRoutes(parts: AdminParts) {
  const { store, settings, today } = parts;
  const { db } = store;
  return newRouter()
    .openapi(replay, async (c) => {
      const { id } = c.req.valid("param");
      const { hook, force: isForced } = c.req.valid("json");
      const delivery = found(await findDelivery(db, id), `delivery ${id}`);
      const who = c.get("who").name;
      const wish = { hook, isApproved: hook !== undefined, force: isForced, askedBy: who };
      const limit = new QueueLimit(settings.maxQueued);
      const result = await replayByHooks(db, await today(), delivery, wish, limit);
      const details = { hook: hook ?? null, force: isForced, runs: result.runs.map(({ run }) => run) };
      await noteAndTell(parts, { who, action: "replay delivery", subject: String(id), details });
      return c.json({ delivery: id, ...result }, 200);
    })
    .openapi(cancel, async (c) => {
      const { id } = c.req.valid("param");
      const who = c.get("who").name;
      const done = await cancelRun(db, id, { reason: `cancelled by ${who}`, now: Date.now() });
      const { run, result } = found(done, `run ${id}`);
      if (result === "ended") throw new ApiError("conflict", `Run ${id} has ended already: ${run.status}.`);
      const details = { hook: run.hook, result };
      await noteAndTell(parts, { who, action: "cancel run", subject: String(id), details });
      return c.json({ run: id, hook: run.hook, result }, 200);
    })
    .openapi(retry, async (c) => {
      const { id } = c.req.valid("param");
      const run = found(await findRun(db, id), `run ${id}`);
      const who = c.get("who").name;
      const wish = { force: c.req.valid("json").force, askedBy: who };
      const limit = new QueueLimit(settings.maxQueued);
      const { retriedBy, problem } = await retryRun(db, await today(), run, wish, limit);
      if (retriedBy === null)
        throw new ApiError("conflict", `Run ${id} is not tried again: ${problem ?? "nobody knows why"}.`);
      const details = { hook: run.hook, retriedBy, force: wish.force };
      await noteAndTell(parts, { who, action: "retry run", subject: String(id), details });
      return c.json({ run: id, hook: run.hook, delivery: run.deliveryId, retriedBy, problem }, 200);
    })
    .openapi(disable, async (c) => {
      const { name } = c.req.valid("param");
      await requireHook(parts, name);
      const changed = await disableHook(db, name, Date.now());
      const who = c.get("who").name;
      if (changed) await noteAndTell(parts, { who, action: "disable hook", subject: name });
      parts.changes.hooksChanged();
      return c.json(
        { hook: name, disabled: true, changed, queuedRuns: await countQueuedRuns(db, name) },
        200,
      );
    })
    .openapi(enable, async (c) => {
      const { name } = c.req.valid("param");
      // A hook whose file is gone may be enabled, too: its file may come back.
      if (!(await listDisabledHooks(db)).includes(name)) await requireHook(parts, name);
      const changed = await enableHook(db, name);
      const who = c.get("who").name;
      if (changed) await noteAndTell(parts, { who, action: "enable hook", subject: name });
      parts.changes.hooksChanged();
      return c.json(
        { hook: name, disabled: false, changed, queuedRuns: await countQueuedRuns(db, name) },
        200,
      );
    });
}

async function requireHook({ today }: AdminParts, name: string): Promise<void> {
  const now = await today();
  if (!now.hooks.some((hook) => hook.name === name))
    throw new ApiError(
      "not_found",
      messageOf(() => hookNamed(now, name)),
    );
}

/** Of a mistake that is the person's, its sentence. */
function messageOf(action: () => unknown): string {
  try {
    action();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
