/** Koa: the receiver at /github answers by itself. */
import Koa from "koa";
import { createReceiver } from "longshore";

const receiver = createReceiver({ secrets: process.env.GITHUB_WEBHOOK_SECRET });
receiver.on("push", ({ payload }) => console.log(`push to ${payload.ref}`));

const app = new Koa();
app.use(async (ctx, next) => {
  if (ctx.path !== "/github") return next();
  ctx.respond = false;
  await receiver.node(ctx.req, ctx.res);
});
app.listen(process.env.PORT ?? 3000, () => console.log("listening"));
