/** Plain `node:http`: the receiver at /github, and nothing else. */
import { createServer } from "node:http";
import { createReceiver } from "longshore";

const receiver = createReceiver({ secrets: process.env.GITHUB_WEBHOOK_SECRET });
receiver.on("push", ({ payload }) => console.log(`push to ${payload.ref}`));

const server = createServer((request, response) => {
  if (request.url === "/github") return receiver.node(request, response);
  response.writeHead(404).end();
});
server.listen(process.env.PORT ?? 3000, () => console.log("listening"));
