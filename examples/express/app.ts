/** Express 5: the receiver at /github, before the parser that the rest of the app needs. */
import express from "express";
import { createReceiver } from "longshore";

const receiver = createReceiver({ secrets: process.env.GITHUB_WEBHOOK_SECRET });
receiver.on("push", ({ payload }) => console.log(`push to ${payload.ref}`));

const app = express();
app.use("/github", receiver.node);
app.use(express.json());
app.post("/echo", (request, response) => void response.json(request.body));
app.listen(process.env.PORT ?? 3000, () => console.log("listening"));
