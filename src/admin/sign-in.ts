/** Who a request is from: by the cookie of a session, a personal token, the admin token, or the word of a proxy. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import proxyAddr from "proxy-addr";
import { plainAddress } from "../lib/ranges.ts";
import { isSameSecret } from "../lib/signature.ts";
import { visibleLine } from "../lib/visible.ts";
import {
  beginAdminSession,
  exchangeCode,
  exchangeToken,
  findSession,
  type Session,
} from "../store/sessions.ts";
import { findToken } from "../store/tokens.ts";
import { ApiError } from "./api-error.ts";
import { Attempts } from "./attempts.ts";
import { isSecure, peerOf } from "./guard.ts";
import type { AdminEnv, AdminParts, Who } from "./parts.ts";

const BEARER = /^Bearer +([A-Za-z0-9_-]{1,256})$/i;
const MAX_NAME = 200;
/** What the admin token is called where somebody is named. */
const ADMIN_TOKEN = "admin token";
const UNKNOWN_TOKEN = "This token is not known, or was revoked.";

export class SignIn {
  readonly #parts: AdminParts;
  readonly #attempts = new Attempts();
  readonly #isProxy: (address: string) => boolean;

  constructor(parts: AdminParts) {
    this.#parts = parts;
    const trusts = proxyAddr.compile([...parts.settings.trustProxy]);
    this.#isProxy = (address) => trusts(address, 0);
  }

  /**
   * @param onlyByToken whether cookies and proxies do not count.
   * @throws {ApiError} when nobody can tell.
   */
  async whoIs(c: Context<AdminEnv>, { onlyByToken = false } = {}): Promise<Who> {
    const bearer = c.req.header("authorization");
    if (bearer !== undefined) return this.#byBearer(c, bearer);
    if (onlyByToken) throw notSignedIn();
    const named = this.#byProxy(c);
    const session = await this.#bySession(c);
    // A name that somebody vouches for, with what the session may do: whichever is more.
    if (named && session) return session.role === "admin" ? { ...session, name: named.name } : named;
    const who = named ?? session;
    if (!who) throw notSignedIn();
    return who;
  }

  /** Begins a session. Whoever guesses is stopped soon, and hears nothing else than before. */
  async begin(c: Context<AdminEnv>, { code, token }: { code?: string; token?: string }): Promise<Session> {
    const peer = peerOf(c.env);
    this.#attempts.check(peer);
    const { db } = this.#parts.store;
    const now = Date.now();
    const begun =
      code !== undefined
        ? await exchangeCode(db, code, now)
        : this.#isAdminToken(token ?? "")
          ? await beginAdminSession(db, ADMIN_TOKEN, now)
          : await exchangeToken(db, token ?? "", now);
    if (!begun) {
      this.#attempts.fail(peer);
      throw new ApiError(
        "not_signed_in",
        code === undefined
          ? UNKNOWN_TOKEN
          : "This link has been used, or is older than ten minutes. `longshore login` makes a new one.",
      );
    }
    this.#setCookie(c, begun.cookie, begun.session.expiresAt);
    return begun.session;
  }

  end(c: Context<AdminEnv>): void {
    deleteCookie(c, this.#cookieName(c), { path: this.#cookiePath() });
  }

  async #byBearer(c: Context<AdminEnv>, header: string): Promise<Who> {
    const text = BEARER.exec(header)?.[1] ?? "";
    if (this.#isAdminToken(text))
      return {
        ...{ name: ADMIN_TOKEN, role: "admin", by: "admin token" },
        ...{ sessionId: null, tokenId: null, expiresAt: null },
      };
    const token = text === "" ? undefined : await findToken(this.#parts.store.db, text, Date.now());
    if (token) {
      const { name, role, id: tokenId } = token;
      return { name, role, by: "token", sessionId: null, tokenId, expiresAt: null };
    }
    const peer = peerOf(c.env);
    this.#attempts.fail(peer);
    this.#attempts.check(peer);
    throw notSignedIn(UNKNOWN_TOKEN);
  }

  async #bySession(c: Context<AdminEnv>): Promise<Who | undefined> {
    const cookie = getCookie(c, this.#cookieName(c));
    const session = cookie && (await findSession(this.#parts.store.db, cookie, Date.now()));
    if (!session) return undefined;
    const { id: sessionId, name, role, tokenId, expiresAt } = session;
    return { name, role, by: "session", sessionId, tokenId, expiresAt };
  }

  #byProxy(c: Context<AdminEnv>): Who | undefined {
    const { userHeader, userRole: role } = this.#parts.settings.admin;
    const said = userHeader === undefined ? undefined : c.req.header(userHeader)?.trim();
    if (!said || !this.#isProxy(plainAddress(peerOf(c.env)) ?? "")) return undefined;
    const name = visibleLine(said).slice(0, MAX_NAME);
    return { name, role, by: "proxy", sessionId: null, tokenId: null, expiresAt: null };
  }

  #isAdminToken(text: string): boolean {
    return isSameSecret(text, this.#parts.adminToken());
  }

  #setCookie(c: Context<AdminEnv>, value: string, expiresAt: number): void {
    setCookie(c, this.#cookieName(c), value, {
      httpOnly: true,
      sameSite: "Strict",
      secure: isSecure(c, this.#parts.settings.admin),
      path: this.#cookiePath(),
      expires: new Date(expiresAt),
    });
  }

  /** Cookies do not know ports: two servers on one machine would sign each other's people out. */
  #cookieName(c: Context<AdminEnv>): string {
    const port = /:(\d+)$/.exec(c.req.header("host") ?? "")?.[1];
    return port === undefined ? "longshore-session" : `longshore-session-${port}`;
  }

  #cookiePath(): string {
    const { publicUrl } = this.#parts.settings.admin;
    return publicUrl === undefined ? "/" : new URL(publicUrl).pathname;
  }
}

function notSignedIn(message = "Sign in first: `longshore login` prints a link."): ApiError {
  return new ApiError("not_signed_in", message, { "WWW-Authenticate": 'Bearer realm="longshore"' });
}
