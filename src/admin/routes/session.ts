/** Signing in and out, and who one is. */
import { createRoute, z } from "@hono/zod-openapi";
import { isoTimeOrNull } from "../../lib/times.ts";
import { noteChange } from "../../store/audit.ts";
import { endSession } from "../../store/sessions.ts";
import { newRouter } from "../new-router.ts";
import type { AdminParts, Who } from "../parts.ts";
import { Session } from "../shapes/system.ts";
import type { SignIn } from "../sign-in.ts";
import { answers, takes } from "./answers.ts";

const tags = ["session"];
const secret = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,256}$/, "it is of the letters of base64url")
  .optional();

const begin = createRoute({
  method: "post",
  path: "/api/session",
  tags,
  summary: "Sign in with the code of a link, or with a token: sets a cookie",
  request: {
    body: takes(
      z
        .object({ code: secret, token: secret })
        .refine(({ code, token }) => (code === undefined) !== (token === undefined), "say `code` or `token`")
        .openapi("SignIn"),
    ),
  },
  responses: answers(Session, "Who you are now."),
});

const show = createRoute({
  method: "get",
  path: "/api/session",
  tags,
  summary: "Who I am, and what I may do",
  responses: answers(Session, "Who you are."),
});

const end = createRoute({
  method: "delete",
  path: "/api/session",
  tags,
  summary: "Sign out",
  responses: answers(
    z.object({ ended: z.boolean() }).openapi("SignedOut"),
    "The cookie is of no use any more.",
  ),
});

export function sessionRoutes({ store: { db }, node: { version } }: AdminParts, signIn: SignIn) {
  const toJson = ({ name, role, by, expiresAt }: Pick<Who, "name" | "role" | "by" | "expiresAt">) => ({
    ...{ name, role, by },
    expiresAt: isoTimeOrNull(expiresAt),
    version,
  });
  return newRouter()
    .openapi(begin, async (c) => {
      const { name, role, expiresAt } = await signIn.begin(c, c.req.valid("json"));
      await noteChange(db, { who: name, action: "sign in", details: { role } }, Date.now());
      return c.json(toJson({ name, role, by: "session", expiresAt }), 200);
    })
    .openapi(show, async (c) => c.json(toJson(c.get("who")), 200))
    .openapi(end, async (c) => {
      const { sessionId } = c.get("who");
      if (sessionId !== null) await endSession(db, sessionId);
      signIn.end(c);
      return c.json({ ended: sessionId !== null }, 200);
    });
}
