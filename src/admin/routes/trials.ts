/** What a hook would say of a delivery, as it is being written. Nothing is stored, and nothing runs. */
import { join } from "node:path";
import { createRoute } from "@hono/zod-openapi";
import { checkHookFile } from "../../config/hook-file.ts";
import type { Problem } from "../../config/problem.ts";
import { findSample, loadSamples } from "../../github/samples.ts";
import { contentTypeOf } from "../../match/body.ts";
import type { Hook } from "../../match/hook.ts";
import { type IncomingBody, judgeBody } from "../../match/judge-body.ts";
import { findDelivery, readContents } from "../../store/deliveries.ts";
import { ApiError, found } from "../api-error.ts";
import { newRouter } from "../new-router.ts";
import type { AdminParts } from "../parts.ts";
import { Sample, Trial, TrialResult } from "../shapes/hooks.ts";
import { listOf } from "../shapes/parts.ts";
import { answers, takes } from "./answers.ts";

const tags = ["hooks"];

const tryIt = createRoute({
  method: "post",
  path: "/api/try",
  tags,
  summary: "Ask a hook, or all of them, of a stored delivery or a sample; nothing runs",
  request: { body: takes(Trial) },
  responses: answers(TrialResult, "What is wrong with the text, and the verdicts."),
});

const samples = createRoute({
  method: "get",
  path: "/api/samples",
  tags,
  summary: "The sample payloads that hooks can be tried with",
  responses: answers(listOf(Sample).openapi("SampleList"), "All of them, by event and action."),
});

interface Wish {
  text?: string | undefined;
  hook?: string | undefined;
  delivery?: number | undefined;
  sample?: { event: string; action?: string | undefined } | undefined;
  source?: string | undefined;
}

export function trialRoutes(parts: AdminParts) {
  return newRouter()
    .openapi(tryIt, async (c) => {
      const wish = c.req.valid("json");
      const incoming = await incomingFor(parts, wish);
      const { hooks, problems } = await hooksFor(parts, wish);
      const { verdicts } = judgeBody(incoming, hooks);
      return c.json({ problems: problems.map((one) => ({ ...one })), event: incoming.event, verdicts }, 200);
    })
    .openapi(samples, (c) => {
      const names = loadSamples().map(({ event, payload: { action } }) => ({
        event,
        action: typeof action === "string" ? action : null,
      }));
      const byName = new Map(names.map((sample) => [`${sample.event}.${sample.action ?? ""}`, sample]));
      const items = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sample]) => sample);
      return c.json({ items, next: null }, 200);
    });
}

/** The text as a hook; without one, those that are at work. */
async function hooksFor(
  { hookContext, settings, today }: AdminParts,
  { text, hook = "untitled" }: Wish,
): Promise<{ hooks: readonly Hook[]; problems: readonly Problem[] }> {
  if (text === undefined) {
    const { hooks } = await today();
    return { hooks, problems: [] };
  }
  const file = join(settings.hooksFolder, `${hook.replaceAll("\0", "")}.yml`);
  const { value, problems } = checkHookFile(hook, file, text, hookContext);
  return { hooks: value ? [value] : [], problems };
}

async function incomingFor(
  { store: { db }, settings }: AdminParts,
  { delivery: id, sample, source }: Wish,
): Promise<IncomingBody> {
  if ((id === undefined) === (sample === undefined))
    throw new ApiError("invalid", "Say what to try it with: `delivery` or `sample`.");
  if (id !== undefined) {
    const delivery = found(await findDelivery(db, id), `delivery ${id}`);
    const { headers, body } = found(await readContents(db, id), `delivery ${id}`);
    const { source: name, event } = delivery;
    return { source: name, event, contentType: contentTypeOf(headers), body };
  }
  const { event = "", action } = sample ?? {};
  const name = [event, action].filter(Boolean).join(".");
  const { payload } = found(findSample(event, action), `sample ${name}`);
  const body = Buffer.from(JSON.stringify(payload));
  return { source: source ?? settings.sources[0]?.name ?? "", event, contentType: "json", body };
}
