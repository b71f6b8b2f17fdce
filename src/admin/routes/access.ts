/** Who may use the admin API, and what they have changed with it. */
import { createRoute } from "@hono/zod-openapi";
import { isoTime } from "../../lib/times.ts";
import { nextCursor, tokenToJson } from "../../store/as-json.ts";
import { listAudit } from "../../store/audit.ts";
import { listTokens, revokeToken } from "../../store/tokens.ts";
import { found } from "../api-error.ts";
import { newRouter } from "../new-router.ts";
import { noteAndTell } from "../note-and-tell.ts";
import type { AdminParts } from "../parts.ts";
import { queryOf } from "../request-mistakes.ts";
import { idParam, listOf } from "../shapes/parts.ts";
import { AuditEntry, Token } from "../shapes/system.ts";
import { answers } from "./answers.ts";
import { pageIn, pageQuery } from "./queries.ts";

const tags = ["access"];

const audit = createRoute({
  method: "get",
  path: "/api/audit",
  tags,
  summary: "Who has changed what, the newest first",
  request: { query: queryOf(pageQuery) },
  responses: answers(listOf(AuditEntry).openapi("AuditList"), "One page. Administrators only."),
});

const tokens = createRoute({
  method: "get",
  path: "/api/tokens",
  tags,
  summary: "The personal tokens, revoked ones as well; `longshore token add` makes one",
  responses: answers(listOf(Token).openapi("TokenList"), "All of them. Administrators only."),
});

const revoke = createRoute({
  method: "delete",
  path: "/api/tokens/{id}",
  tags,
  summary: "Revoke a token: its sessions and streams end",
  request: { params: idParam },
  responses: answers(Token, "The token."),
});

export function accessRoutes(parts: AdminParts) {
  const { db } = parts.store;
  return newRouter()
    .openapi(audit, async (c) => {
      const page = pageIn(c.req.valid("query"));
      const entries = await listAudit(db, page);
      const items = entries.map((entry) => ({ ...entry, at: isoTime(entry.at) }));
      return c.json({ items, next: nextCursor(entries, page.limit) }, 200);
    })
    .openapi(tokens, async (c) => c.json({ items: (await listTokens(db)).map(tokenToJson), next: null }, 200))
    .openapi(revoke, async (c) => {
      const { id } = c.req.valid("param");
      const before = (await listTokens(db)).find((token) => token.id === id);
      const { name } = found(before, `token ${id}`);
      if (await revokeToken(db, id, Date.now()))
        await noteAndTell(parts, { who: c.get("who").name, action: "revoke token", subject: name });
      const token = (await listTokens(db)).find((candidate) => candidate.id === id);
      return c.json(tokenToJson(found(token, `token ${id}`)), 200);
    });
}
