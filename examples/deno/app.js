/** Deno: the second argument says who connected. */
import process from "node:process";
import { createReceiver } from "longshore";

const receiver = createReceiver({ secrets: process.env.GITHUB_WEBHOOK_SECRET });
receiver.on("push", ({ payload }) => console.log(`push to ${payload.ref}`));

Deno.serve(
  { port: Number(process.env.PORT ?? 3000), onListen: () => console.log("listening") },
  (request, info) => receiver.fetch(request, info),
);
