/** Sources and their secrets' use, GitHub's addresses, refused requests, nodes. */
import { createRoute, z } from "@hono/zod-openapi";
import type { SourceSettings } from "../../config/settings.ts";
import { isoTimeOrNull } from "../../lib/times.ts";
import { nodeToJson, refusalToJson } from "../../store/as-json.ts";
import { listDeliveries } from "../../store/deliveries.ts";
import { readAddresses } from "../../store/github-addresses.ts";
import { hookDifferences } from "../../store/node-differences.ts";
import { listNodes } from "../../store/nodes.ts";
import { remedyFor } from "../../store/refusal-meanings.ts";
import { listRefusals, MAX_REFUSALS, type Refusal } from "../../store/refusals.ts";
import { secretUses } from "../../store/secrets.ts";
import { newRouter } from "../new-router.ts";
import type { AdminParts } from "../parts.ts";
import { queryOf } from "../request-mistakes.ts";
import { listOf } from "../shapes/parts.ts";
import { NodeList, Refusal as RefusalShape, SourceList } from "../shapes/system.ts";
import { secretNames } from "../source-secrets.ts";
import { answers } from "./answers.ts";
import { pageQuery } from "./queries.ts";

const tags = ["system"];

const sources = createRoute({
  method: "get",
  path: "/api/sources",
  tags,
  summary: "Where deliveries come from: secrets in use, refused requests by code, GitHub's addresses",
  responses: answers(SourceList, "All of them. No secret is ever told, only its name."),
});

const refusals = createRoute({
  method: "get",
  path: "/api/refusals",
  tags,
  summary: "The last requests that were refused, and what would admit them",
  request: {
    query: queryOf({
      source: z.string().max(64).optional().openapi({ description: "To this source." }),
      code: z.string().max(64).optional().openapi({ description: "With this code." }),
      ...pageQuery,
    }),
  },
  responses: answers(
    listOf(RefusalShape).openapi("RefusalList"),
    "One page, the newest first; 1000 are kept. What they say of themselves is not verified.",
  ),
});

const nodes = createRoute({
  method: "get",
  path: "/api/nodes",
  tags,
  summary: "Who receives and who performs runs, and whether all have the same hooks",
  responses: answers(NodeList, "All of them, and those that are remembered."),
});

export function systemRoutes(parts: AdminParts) {
  const { db } = parts.store;
  return newRouter()
    .openapi(sources, async (c) => {
      const kept = await listRefusals(db, MAX_REFUSALS);
      const { githubApiUrl: apiUrl } = parts.settings;
      const addresses = await readAddresses(db, apiUrl);
      const items = await Promise.all(
        parts.settings.sources.map((source) => sourceToJson(parts, source, kept)),
      );
      return c.json(
        {
          items,
          next: null,
          addresses: { apiUrl, checkedAt: addresses?.checkedAt ?? null, ranges: addresses?.hooks ?? [] },
        },
        200,
      );
    })
    .openapi(refusals, async (c) => {
      const { source, code, limit, after = Number.MAX_SAFE_INTEGER } = c.req.valid("query");
      const all = (await listRefusals(db, MAX_REFUSALS)).filter(
        (one) =>
          one.id < after &&
          (source === undefined || one.source === source) &&
          (code === undefined || one.code === code),
      );
      const items = all.slice(0, limit);
      const next = all.length > limit ? String(items.at(-1)?.id) : null;
      return c.json({ items: items.map((one) => ({ ...refusalToJson(one), ...remedyFor(one) })), next }, 200);
    })
    .openapi(nodes, async (c) => {
      const all = await listNodes(db, Date.now());
      return c.json({ items: all.map(nodeToJson), next: null, differences: hookDifferences(all) }, 200);
    });
}

async function sourceToJson(parts: AdminParts, source: SourceSettings, refused: readonly Refusal[]) {
  const { store, settings } = parts;
  const { db } = store;
  const { secrets, problem } = secretNames(parts, source);
  const uses = await secretUses(db, source.name);
  const [last] = await listDeliveries(db, { source: source.name }, { limit: 1 });
  const own = refused.filter((one) => one.source === source.name);
  const { name, path, allowSha1, replayProtection, insecureNoSecret, respond, maxBodyBytes } = source;
  return {
    ...{ name, path, allowSha1, replayProtection, insecureNoSecret, respond, maxBodyBytes },
    payloadUrl: settings.publicUrl === undefined ? null : `${settings.publicUrl}${path}`,
    allowFrom: [...source.allowFrom],
    secrets: secrets.map((secret) => ({
      name: secret.name,
      origin: secret.origin,
      lastUsedAt: isoTimeOrNull(uses.get(secret.name)),
    })),
    secretsProblem: problem,
    refusedByCode: Object.fromEntries(
      [...Map.groupBy(own, ({ code }) => code)].map(([code, all]) => [code, all.length]),
    ),
    lastDeliveryAt: isoTimeOrNull(last?.receivedAt),
  };
}
