/** The library under measurement: `createReceiver` in memory, mounted in `node:http`, with a listener like the peer's. */
import { createServer } from "node:http";
import { createReceiver } from "../../src/index.ts";

let received = 0;
const receiver = createReceiver({
  secrets: process.env.BENCH_SECRET,
  githubApiUrl: "http://127.0.0.1:9",
});
receiver.on("push", () => {
  received++;
});
const server = createServer((request, response) => {
  if (request.url === "/github") return receiver.node(request, response);
  response.writeHead(404).end();
});
server.listen(Number(process.env.BENCH_PORT), "127.0.0.1", () => console.log("ready"));
process.on("SIGTERM", () => {
  console.log(`received ${received}`);
  process.exit();
});
