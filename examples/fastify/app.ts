/** Fastify 5: the receiver at /github, in a scope whose bodies nobody else reads. */
import fastify from "fastify";
import { createReceiver } from "longshore";

const receiver = createReceiver({ secrets: process.env.GITHUB_WEBHOOK_SECRET });
receiver.on("push", ({ payload }) => console.log(`push to ${payload.ref}`));

const app = fastify();
app.post("/echo", (request) => request.body);
app.register(async (scope) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _body, done) => done(null));
  scope.all("/github", async (request, reply) => {
    reply.hijack();
    await receiver.node(request.raw, reply.raw);
  });
});
await app.listen({ port: Number(process.env.PORT ?? 3000), host: "127.0.0.1" });
console.log("listening");
