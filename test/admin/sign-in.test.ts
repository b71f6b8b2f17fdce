import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { CODE_VALID_MS, makeSignInCode, SESSION_VALID_MS } from "../../src/store/sessions.ts";
import { addToken, revokeToken } from "../../src/store/tokens.ts";
import { type Reply, startAdmin, type TestAdmin } from "../support/admin.ts";
import { until } from "../support/until.ts";

const admin = await startAdmin({ after });
const { db } = admin.store;

function signIn(body: object, headers: Record<string, string> = {}, at: TestAdmin = admin): Promise<Reply> {
  return at.ask("/api/session", { method: "POST", body, token: null, headers });
}

function cookieOf({ headers }: Reply): string {
  return String(headers["set-cookie"]).split(";")[0] ?? "";
}

function whoIs(cookie: string, headers: Record<string, string> = {}, at = admin): Promise<Reply> {
  return at.ask("/api/session", { token: null, headers: { cookie, ...headers } });
}

async function newCode(now = Date.now()): Promise<string> {
  return (await makeSignInCode(db, { askedBy: "olga", now })).code;
}

describe("a link's code", () => {
  it("signs in once, as whoever asked for it, and that is written down", async () => {
    const code = await newCode();
    const reply = await signIn({ code });
    assert.equal(reply.status, 200, reply.text);
    const { json } = await whoIs(cookieOf(reply));
    assert.deepEqual([json.name, json.role, json.by], ["olga", "admin", "session"]);
    const again = await signIn({ code });
    assert.deepEqual([again.status, again.json.error.code], [401, "not_signed_in"]);
    const audit = await admin.ask("/api/audit?limit=1");
    assert.deepEqual([audit.json.items[0].who, audit.json.items[0].action], ["olga", "sign in"]);
  });

  it("signs one in when several try it at once", async () => {
    const code = await newCode();
    const replies = await Promise.all(Array.from({ length: 5 }, () => signIn({ code })));
    assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  });

  it("is good for ten minutes", async () => {
    assert.equal((await signIn({ code: await newCode(Date.now() - CODE_VALID_MS - 1) })).status, 401);
    assert.equal((await signIn({ code: await newCode(Date.now() - CODE_VALID_MS + 30_000) })).status, 200);
  });
});

describe("a session", () => {
  it("has a cookie that no script reads and no other site sends, of which only a digest is kept", async () => {
    const reply = await signIn({ code: await newCode() });
    const set = String(reply.headers["set-cookie"]);
    assert.match(set, /; HttpOnly/);
    assert.match(set, /; SameSite=Strict/);
    assert.match(set, /; Path=\//);
    assert.doesNotMatch(set, /; Secure/);
    const value = cookieOf(reply).split("=")[1] ?? "";
    assert.match(value, /^[\w-]{43}$/);
    const rows = await db.selectFrom("sessions").selectAll().execute();
    assert.ok(rows.length > 0);
    for (const { digest } of rows) assert.notEqual(Buffer.from(digest).toString("base64url"), value);
  });

  it("ends when its person signs out, and by itself", async () => {
    const cookie = cookieOf(await signIn({ code: await newCode() }));
    const out = await admin.ask("/api/session", { method: "DELETE", token: null, headers: { cookie } });
    assert.deepEqual([out.status, out.json.ended], [200, true]);
    assert.equal((await whoIs(cookie)).status, 401);

    const late = cookieOf(await signIn({ code: await newCode() }));
    const { json } = await whoIs(late);
    assert.ok(Math.abs(Date.parse(json.expiresAt) - Date.now() - SESSION_VALID_MS) < 60_000);
    await db
      .updateTable("sessions")
      .set({ expires_at: Date.now() - 1 })
      .execute();
    assert.equal((await whoIs(late)).status, 401);
  });

  it("that began with a token may do what that may, and ends with it, its streams as well", async () => {
    const made = await addToken(db, { name: "vera", role: "viewer", createdBy: "test", now: 1 });
    const cookie = cookieOf(await signIn({ token: made?.token ?? "" }));
    const { json } = await whoIs(cookie);
    assert.deepEqual([json.name, json.role], ["vera", "viewer"]);
    const cancel = await admin.ask("/api/runs/1/cancel", {
      method: "POST",
      token: null,
      headers: { cookie },
    });
    assert.equal(cancel.status, 403);
    const stream = await admin.stream("/api/events", { token: null, headers: { cookie } });
    await until("it is open", () => stream.events.length > 0);
    await revokeToken(db, made?.id ?? 0, Date.now());
    await until("it has ended", () => stream.hasEnded);
    assert.equal((await whoIs(cookie)).status, 401);
  });
});

describe("the admin token", () => {
  const file = join(admin.dataFolder, "admin-token");

  it("is made for its owner alone, and may do everything", async () => {
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const token = readFileSync(file, "utf8").trim();
    const { json } = await admin.ask("/api/session", { token });
    assert.deepEqual([json.name, json.role, json.by], ["admin token", "admin", "admin token"]);
    assert.equal((await signIn({ token })).json.role, "admin");
  });

  it("is another one once its file has been removed", async () => {
    const token = readFileSync(file, "utf8").trim();
    rmSync(file);
    await until(
      "the old one is of no use",
      async () => (await admin.ask("/api/session", { token })).status !== 200,
    );
    const other = readFileSync(file, "utf8").trim();
    assert.equal((await admin.ask("/api/session", { token: other })).status, 200);
  });
});

describe("behind a proxy", () => {
  const publicUrl = "https://hooks.example.com/longshore";
  const host = "hooks.example.com";

  it("is found by its public name, with the path or without, by an encrypted cookie", async (t) => {
    const behind = await startAdmin(t, { admin: { publicUrl } });
    const { code } = await makeSignInCode(behind.store.db, { askedBy: "olga", now: Date.now() });
    const headers = { host, origin: "https://hooks.example.com" };
    const reply = await signIn({ code }, headers, behind);
    assert.equal(reply.status, 200, reply.text);
    assert.match(String(reply.headers["set-cookie"]), /; Path=\/longshore;.*; Secure/);
    const cookie = cookieOf(reply);
    for (const path of ["/api/session", "/longshore/api/session"])
      assert.equal((await behind.ask(path, { token: null, headers: { cookie, host } })).status, 200, path);
    const foreign = { cookie, host, origin: "https://other.example.com" };
    const wrong = await behind.ask("/api/session", { method: "DELETE", token: null, headers: foreign });
    assert.equal(wrong.json.error.code, "wrong_origin");
    const page = await behind.ask("/longshore/deliveries/1", { token: null, headers: { host } });
    assert.equal(page.status, 200);
  });

  it("takes somebody's name from the header of a trusted proxy, and from nobody else", async (t) => {
    const settings = { trustProxy: ["127.0.0.1"] };
    const named = { admin: { publicUrl, userHeader: "x-forwarded-user", userRole: "admin" as const } };
    const behind = await startAdmin(t, { settings, ...named });
    const headers = { host, "x-forwarded-user": "vera" };
    const reply = await behind.ask("/api/session", { token: null, headers });
    assert.deepEqual([reply.json.name, reply.json.role, reply.json.by], ["vera", "admin", "proxy"]);
    await behind.ask("/api/hooks/deploy/disable", { method: "POST", token: null, headers });
    const { json } = await behind.ask("/api/audit?limit=1");
    assert.deepEqual([json.items[0].who, json.items[0].action], ["vera", "disable hook"]);

    const elsewhere = await startAdmin(t, { settings: { trustProxy: ["10.0.0.0/8"] }, ...named });
    assert.equal((await elsewhere.ask("/api/session", { token: null, headers })).status, 401);
    const unnamed = await startAdmin(t, { settings, admin: { publicUrl } });
    assert.equal((await unnamed.ask("/api/session", { token: null, headers })).status, 401);
  });

  it("gives a name to a session that may do more than the header", async (t) => {
    const behind = await startAdmin(t, {
      settings: { trustProxy: ["127.0.0.1"] },
      admin: { userHeader: "x-forwarded-user", userRole: "viewer" },
    });
    const cookie = cookieOf(await signIn({ token: behind.tokens.admin }, {}, behind));
    const headers = { cookie, "x-forwarded-user": "vera" };
    const { json } = await behind.ask("/api/session", { token: null, headers });
    assert.deepEqual([json.name, json.role], ["vera", "admin"]);
  });
});

describe("wrong attempts", () => {
  it("are stopped after ten in a minute, a right one with them; who has signed in goes on", async (t) => {
    const other = await startAdmin(t);
    const cookie = cookieOf(await signIn({ token: other.tokens.viewer }, {}, other));
    for (let n = 0; n < 10; n++) assert.equal((await signIn({ token: "wrong" }, {}, other)).status, 401);
    const stopped = await signIn({ token: other.tokens.admin }, {}, other);
    assert.deepEqual([stopped.status, stopped.json.error.code], [429, "too_many_attempts"]);
    assert.match(String(stopped.headers["retry-after"]), /^\d+$/);
    assert.equal((await other.ask("/api/session", { token: "wrong" })).status, 429);
    assert.equal((await whoIs(cookie, {}, other)).status, 200);
    assert.equal((await other.ask("/api/session")).status, 200);
  });
});
