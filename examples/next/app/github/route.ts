/**
 * A route handler of Next.js. Next.js does not say who connected, so the signature alone decides: whoever wants GitHub's
 * addresses checked as well, mounts `receiver.node` in `pages/api`.
 */
import { createReceiver } from "longshore";

const receiver = createReceiver({
  // Asked with every request: while Next.js builds the app, there need not be a secret.
  secrets: () => process.env.GITHUB_WEBHOOK_SECRET,
  allowFrom: ["any"],
});
receiver.on("push", ({ payload }) => console.log(`push to ${payload.ref}`));

const answer = (request: Request) => receiver.fetch(request);

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
