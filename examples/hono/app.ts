/** Hono on Node: `c.env` says who connected. */
import { type HttpBindings, serve } from "@hono/node-server";
import { Hono } from "hono";
import { createReceiver } from "longshore";

const receiver = createReceiver({ secrets: process.env.GITHUB_WEBHOOK_SECRET });
receiver.on("push", ({ payload }) => console.log(`push to ${payload.ref}`));

const app = new Hono<{ Bindings: HttpBindings }>();
app.all("/github", (c) => receiver.fetch(c.req.raw, c.env));
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, () => console.log("listening"));
