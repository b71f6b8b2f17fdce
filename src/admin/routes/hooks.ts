/** Hooks as they are loaded: what they are for, what is wrong with their files, how their runs went. */

import { isUtf8 } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { createRoute, z } from "@hono/zod-openapi";
import { hasErrors, type Problem } from "../../config/problem.ts";
import type { Hook, Trigger } from "../../match/hook.ts";
import { runToJson } from "../../store/as-json.ts";
import { countQueuedRuns, listRuns } from "../../store/runs.ts";
import type { Database } from "../../store/store.ts";
import { ApiError } from "../api-error.ts";
import { environmentNames } from "../environment-names.ts";
import { newRouter } from "../new-router.ts";
import type { AdminParts, Today } from "../parts.ts";
import { HookDetails, HookList } from "../shapes/hooks.ts";
import { answers } from "./answers.ts";

const tags = ["hooks"];
const RECENT = { limit: 10 };
const MAX_TEXT_BYTES = 1_048_576;

export const nameParam = z.object({
  name: z
    .string()
    .min(1)
    .max(1_024)
    .openapi({
      param: { name: "name", in: "path" },
      description: "The hook's name; a slash in it is written `%2F`.",
    }),
});

const list = createRoute({
  method: "get",
  path: "/api/hooks",
  tags,
  summary: "Every hook, and every file with a mistake",
  responses: answers(HookList, "All of them, by name."),
});

const show = createRoute({
  method: "get",
  path: "/api/hooks/{name}",
  tags,
  summary: "One hook with its source text",
  request: { params: nameParam },
  responses: answers(HookDetails, "The hook."),
});

export function hookRoutes({ store: { db }, today, settings }: AdminParts) {
  return newRouter()
    .openapi(list, async (c) => {
      const now = await today();
      const items = await Promise.all(entriesOf(now).map((entry) => toJson(db, entry)));
      return c.json({ items, next: null, problems: now.problems.map((one) => ({ ...one })) }, 200);
    })
    .openapi(show, async (c) => {
      const { name } = c.req.valid("param");
      const entry = entriesOf(await today()).find((candidate) => candidate.name === name);
      if (!entry) throw new ApiError("not_found", `There is no hook "${name}".`);
      const { hook } = entry;
      const work = hook?.work;
      return c.json(
        {
          ...(await toJson(db, entry)),
          text: await textOf(entry.file),
          concurrency: hook?.concurrency ?? null,
          environment: environmentNames(hook, settings.inheritEnv),
          timeoutMs: work?.timeoutMs ?? null,
        },
        200,
      );
    });
}

interface Entry {
  name: string;
  file: string;
  /** Absent of a file that has never been right. */
  hook?: Hook;
  problems: readonly Problem[];
}

/** The hooks that are at work, and the files that are none because of a mistake. */
export function entriesOf({ hooks, problems, path }: Today): Entry[] {
  const loaded = hooks.map((hook) => ({
    name: hook.name,
    file: hook.file,
    hook,
    problems: problems.filter(({ file }) => file === hook.file),
  }));
  const others = Map.groupBy(
    problems.filter(({ file }) => !hooks.some((hook) => hook.file === file)),
    ({ file }) => file,
  );
  const broken = [...others]
    .filter(([, all]) => hasErrors(all))
    .map(([file, all]) => ({ name: nameOf(file, path), file, problems: all }));
  return [...loaded, ...broken].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** As it will be called once it is right. */
function nameOf(file: string, folder: string): string {
  const below = file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
  return below.replace(/\.(ya?ml|[cm]?[jt]s)$/, "");
}

async function toJson(db: Database, { name, file, hook, problems }: Entry) {
  const { on = [], source, repositories, forks, disabled = false, work } = hook ?? {};
  return {
    ...{ name, file, kind: work?.kind ?? null, loaded: hook !== undefined, disabled },
    on: on.map(triggerToJson),
    source: source ?? null,
    repositories: repositories ? [...repositories] : null,
    forks: forks ?? null,
    if: hook?.if ?? null,
    problems: problems.map((one) => ({ ...one })),
    queuedRuns: await countQueuedRuns(db, name),
    recent: (await listRuns(db, { hook: name }, RECENT)).map(runToJson),
  };
}

/** The same lists, as ones that could be changed: the API's types know no others. */
function triggerToJson({ event, deleted, ...patterns }: Trigger) {
  const lists = Object.fromEntries(
    Object.entries(patterns).map(([key, list]) => [key, [...list]]),
  ) as Partial<Record<keyof typeof patterns, string[]>>;
  return { event, ...lists, ...(deleted === undefined ? {} : { deleted }) };
}

/** Only files that the folder has been found to have are ever asked for. */
async function textOf(file: string): Promise<string | null> {
  try {
    if ((await stat(file)).size > MAX_TEXT_BYTES) return null;
    const bytes = await readFile(file);
    return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString("utf8") : null;
  } catch {
    return null;
  }
}
