/** The peer: `@octokit/webhooks`' own Node middleware with a handler in memory. Nothing is stored. */
import { createServer } from "node:http";
import { createNodeMiddleware, Webhooks } from "@octokit/webhooks";

let received = 0;
const webhooks = new Webhooks({ secret: process.env.BENCH_SECRET ?? "" });
webhooks.on("push", () => {
  received++;
});
const server = createServer(createNodeMiddleware(webhooks, { path: "/github" }));
server.listen(Number(process.env.BENCH_PORT), "127.0.0.1", () => console.log("ready"));
process.on("SIGTERM", () => {
  console.log(`received ${received}`);
  process.exit();
});
