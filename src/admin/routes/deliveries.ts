/** Deliveries: lists, one with all that is known of it, its body as it came. */
import { createRoute, z } from "@hono/zod-openapi";
import { contentTypeOf, jsonText } from "../../match/body.ts";
import { deliveryToJson, runToJson } from "../../store/as-json.ts";
import { pageOfDeliveries } from "../../store/bounded-list.ts";
import { isByHand } from "../../store/by-hand.ts";
import { type Delivery, findDelivery, readContents } from "../../store/deliveries.ts";
import { listRuns } from "../../store/runs.ts";
import { verdictsOf } from "../../store/verdicts.ts";
import { found } from "../api-error.ts";
import { newRouter } from "../new-router.ts";
import type { AdminParts } from "../parts.ts";
import { queryOf } from "../request-mistakes.ts";
import { DeliveryDetails, ListedDelivery } from "../shapes/deliveries.ts";
import { idParam, listOf } from "../shapes/parts.ts";
import { answers } from "./answers.ts";
import { deliveryQuery, filterIn, pageIn } from "./queries.ts";

const tags = ["deliveries"];
/** What a browser can show as a tree at once. */
const PAYLOAD_BYTES = 1_048_576;
const ALL_RUNS = { limit: 10_000 };

const list = createRoute({
  method: "get",
  path: "/api/deliveries",
  tags,
  summary: "The newest deliveries first",
  request: { query: deliveryQuery },
  responses: answers(listOf(ListedDelivery).openapi("DeliveryList"), "One page."),
});

const show = createRoute({
  method: "get",
  path: "/api/deliveries/{id}",
  tags,
  summary: "One delivery: headers, payload, what every hook said of it, its runs",
  request: {
    params: idParam,
    query: queryOf({
      payload: z
        .enum(["auto", "whole", "none"])
        .default("auto")
        .openapi({ description: "`auto`: only up to 1 MiB." }),
    }),
  },
  responses: answers(DeliveryDetails, "The delivery."),
});

const body = createRoute({
  method: "get",
  path: "/api/deliveries/{id}/body",
  tags,
  summary: "The body, byte for byte as it came",
  request: { params: idParam },
  responses: {
    200: {
      description: "The bytes. They are to be saved, never shown as a page.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
});

export function deliveryRoutes({ store: { db } }: AdminParts) {
  return newRouter()
    .openapi(list, async (c) => {
      const query = c.req.valid("query");
      const { items, next } = await pageOfDeliveries(db, filterIn(query), pageIn(query));
      return c.json({ items: items.map(toListed), next }, 200);
    })
    .openapi(show, async (c) => {
      const { id } = c.req.valid("param");
      const delivery = found(await findDelivery(db, id), `delivery ${id}`);
      const contents = found(await readContents(db, id), `delivery ${id}`);
      const { payload } = c.req.valid("query");
      const isShown = payload === "whole" || (payload === "auto" && contents.body.length <= PAYLOAD_BYTES);
      const contentType = contentTypeOf(contents.headers);
      const { sha, client, secret } = delivery;
      const verdicts = isByHand(delivery) ? undefined : await verdictsOf(db, delivery);
      const runs = (await listRuns(db, { delivery: id }, ALL_RUNS)).reverse();
      return c.json(
        {
          ...deliveryToJson(delivery),
          ...{ sha, client, secret, byHand: isByHand(delivery), contentType },
          verdicts: verdicts ?? null,
          headers: Object.fromEntries(contents.headers),
          payload: isShown ? payloadOf(contentType, contents.body) : null,
          runDetails: runs.map(runToJson),
        },
        200,
      );
    })
    .openapi(body, async (c) => {
      const { id } = c.req.valid("param");
      const contents = found(await readContents(db, id), `delivery ${id}`);
      return c.body(new Uint8Array(contents.body), 200, {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": `attachment; filename="delivery-${id}.txt"`,
      });
    });
}

function toListed(delivery: Delivery) {
  return { ...deliveryToJson(delivery), sha: delivery.sha, byHand: isByHand(delivery) };
}

function payloadOf(contentType: "json" | "form", bytes: Buffer): Record<string, unknown> {
  const text = jsonText(contentType, bytes)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
  return JSON.parse(text) as Record<string, unknown>;
}
