/** Bun: the server says who connected. */
import { createReceiver } from "longshore";

const receiver = createReceiver({ secrets: process.env.GITHUB_WEBHOOK_SECRET });
receiver.on("push", ({ payload }) => console.log(`push to ${payload.ref}`));

Bun.serve({
  port: process.env.PORT ?? 3000,
  fetch: (request, server) => receiver.fetch(request, server),
});
console.log("listening");
