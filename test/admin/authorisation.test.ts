/** Every route, with and without the right to use it. The routes are those that the application has. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { createApp } from "../../src/admin/app.ts";
import { addToken, listTokens } from "../../src/store/tokens.ts";
import { type Reply, startAdmin, type TestAdmin } from "../support/admin.ts";

/** What everybody may ask. */
const OPEN = ["POST /api/session", "GET /api/openapi.json", "GET /readyz"];
/** What no viewer may, though it changes nothing. */
const FOR_ADMINS = ["GET /api/tokens", "GET /api/audit"];
/** What a viewer may, though it is no GET. */
const FOR_VIEWERS = ["POST /api/try", "DELETE /api/session"];
/** Machines ask for it, by whatever name. */
const FOR_MACHINES = ["GET /readyz", "GET /metrics"];

const admin = await startAdmin({ after });
const routes = routesOf(admin);

/** As the application has them: whoever adds one is asked here for its rights. */
function routesOf({ parts }: TestAdmin): string[] {
  return [
    ...new Set(
      createApp(parts)
        .routes.filter(({ method, path }) => method !== "ALL" && path !== "/*")
        .map(({ method, path }) => `${method} ${path}`),
    ),
  ];
}

function isChange(route: string): boolean {
  return !route.startsWith("GET ");
}

/** Asks with ids that are not there: whoever is let in hears 404, 400 or 409, and nothing is changed. */
function ask(route: string, token: string | null, headers: Record<string, string> = {}): Promise<Reply> {
  const [method = "", path = ""] = route.split(" ");
  const url = path
    .replace("/api/events", "/api/deliveries")
    .replace(":id", "999999")
    .replace(":name", "nothing");
  return admin.ask(url, { method, token, headers, ...(isChange(route) ? { body: {} } : {}) });
}

function codeOf({ json }: Reply): string {
  return json.error?.code;
}

describe("every route", () => {
  it("is named by the API's description, and the other way round", async () => {
    const { json } = await admin.ask("/api/openapi.json");
    const described = Object.entries<object>(json.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
      ),
    );
    const others = ["GET /api/openapi.json", "GET /readyz", "GET /metrics"];
    assert.deepEqual(routes.filter((route) => !others.includes(route)).sort(), described.sort());
    assert.ok(described.length >= 25, `${described.length} routes`);
  });

  it("wants somebody who has signed in, save for those that tell nothing", async () => {
    for (const route of routes.filter((one) => !OPEN.includes(one))) {
      const reply = await ask(route, null);
      assert.deepEqual([reply.status, codeOf(reply)], [401, "not_signed_in"], route);
      assert.match(String(reply.headers["www-authenticate"]), /^Bearer/, route);
    }
  });

  it("wants an administrator where something is changed, and for who may do what", async () => {
    const needed = (route: string) =>
      FOR_ADMINS.includes(route) || (isChange(route) && ![...FOR_VIEWERS, ...OPEN].includes(route));
    assert.ok(routes.filter(needed).length >= 6);
    for (const route of routes.filter((one) => !OPEN.includes(one))) {
      const reply = await ask(route, admin.tokens.viewer);
      if (needed(route)) assert.deepEqual([reply.status, codeOf(reply)], [403, "not_allowed"], route);
      else assert.ok(![401, 403].includes(reply.status), `${route}: ${reply.status} ${reply.text}`);
    }
  });

  it("lets an administrator in", async () => {
    for (const route of routes.filter((one) => !OPEN.includes(one))) {
      const reply = await ask(route, admin.tokens.admin);
      assert.ok(![401, 403, 421, 500].includes(reply.status), `${route}: ${reply.status} ${reply.text}`);
    }
  });

  it("takes changes from its own pages and from programs only", async () => {
    const host = new URL(admin.url).host;
    const foreign: Record<string, string>[] = [
      { origin: "http://evil.example" },
      { origin: "null" },
      { origin: `https://${host}` },
      { origin: "http://127.0.0.1:1" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
      { "sec-fetch-site": "cross-site", origin: `http://${host}` },
    ];
    for (const route of routes.filter(isChange))
      for (const headers of foreign) {
        const reply = await ask(route, admin.tokens.admin, headers);
        assert.deepEqual(
          [reply.status, codeOf(reply)],
          [403, "wrong_origin"],
          JSON.stringify([route, headers]),
        );
      }
    const own: Record<string, string>[] = [{ origin: `http://${host}` }, { "sec-fetch-site": "same-origin" }];
    for (const headers of own) {
      const reply = await ask("POST /api/runs/:id/cancel", admin.tokens.admin, headers);
      assert.equal(reply.status, 404, reply.text);
    }
  });

  it("answers under its own names only, so that no page of a stranger's becomes its own", async () => {
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1:8081"])
      for (const route of [...routes, "GET /"].filter((one) => !FOR_MACHINES.includes(one))) {
        const reply = await ask(route, admin.tokens.admin, { host });
        assert.deepEqual([reply.status, codeOf(reply)], [421, "wrong_host"], `${route} at "${host}"`);
      }
    for (const host of [
      "localhost",
      "localhost:8081",
      "127.0.0.1:1",
      "127.1.2.3",
      "[::1]:8081",
      "LOCALHOST",
    ]) {
      const reply = await ask("GET /api/session", admin.tokens.viewer, { host });
      assert.equal(reply.status, 200, host);
    }
  });
});

describe("a token", () => {
  it("is nobody's when it is wrong, empty, or of another form", async () => {
    for (const authorization of [
      "Bearer",
      "Bearer ",
      "Bearer x y",
      "Basic YTpi",
      "Bearer ü",
      `Bearer ${"a".repeat(43)}`,
    ]) {
      const reply = await admin.ask("/api/session", { token: null, headers: { authorization } });
      assert.ok([401, 429].includes(reply.status), authorization);
    }
  });

  it("is of no use once it is revoked", async () => {
    const { db } = admin.store;
    const made = await addToken(db, { name: "short", role: "viewer", createdBy: "test", now: 1 });
    const token = made?.token ?? "";
    assert.equal((await admin.ask("/api/session", { token })).json.name, "short");
    const reply = await admin.ask(`/api/tokens/${made?.id}`, { method: "DELETE" });
    assert.equal(reply.status, 200, reply.text);
    const refused = await admin.ask("/api/session", { token });
    assert.deepEqual(
      [refused.status, refused.json.error.message],
      [401, "This token is not known, or was revoked."],
    );
    assert.ok((await listTokens(db)).some(({ name, lastUsedAt }) => name === "short" && lastUsedAt !== null));
  });
});
