/**
 * Stands before every route: whose page may speak to this server, who it is that speaks, and what they may do. Nothing is
 * allowed by forgetting: what is not named here as open needs somebody who has signed in, and what changes something an
 * administrator.
 */
import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import type { AdminAccess } from "../config/settings.ts";
import type { AdminRole } from "../store/tables.ts";
import { ApiError } from "./api-error.ts";
import type { AdminEnv } from "./parts.ts";
import type { SignIn } from "./sign-in.ts";

/** Open to everybody: they tell nothing of what is stored. */
const OPEN = new Set(["POST /api/session", "GET /api/openapi.json", "GET /readyz"]);
/** Asked by machines that know this one by its number, with a token that no browser sends by itself. */
const FOR_MACHINES = new Set(["/readyz", "/metrics"]);
/** What is no change although it is no GET, or concerns nobody else. */
const FOR_VIEWERS = new Set(["POST /api/try", "DELETE /api/session"]);
/** What is looked at by administrators alone. */
const FOR_ADMINS = new Set(["GET /api/tokens", "GET /api/audit"]);

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

export function guard(access: AdminAccess, signIn: SignIn): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const { path, method } = c.req;
    if (!FOR_MACHINES.has(path)) checkHost(c, access);
    if (!isData(path)) return next();
    if (isChange(method)) checkOrigin(c, access);
    const route = `${method === "HEAD" ? "GET" : method} ${path}`;
    if (OPEN.has(route)) return next();
    const who = await signIn.whoIs(c, { onlyByToken: path === "/metrics" });
    if (who.role !== "admin" && neededFor(method, route) === "admin")
      throw new ApiError(
        "not_allowed",
        `${who.name} may look, and change nothing: this needs the role admin.`,
      );
    c.set("who", who);
    return next();
  };
}

function isChange(method: string): boolean {
  return !["GET", "HEAD"].includes(method);
}

function neededFor(method: string, route: string): AdminRole {
  if (FOR_ADMINS.has(route)) return "admin";
  return isChange(method) && !FOR_VIEWERS.has(route) ? "admin" : "viewer";
}

/** All but the files of the dashboard. */
function isData(path: string): boolean {
  return path === "/api" || path.startsWith("/api/") || FOR_MACHINES.has(path);
}

/** A page of somebody else's whose name leads here (DNS rebinding) still sends its own name. */
function checkHost(c: Context<AdminEnv>, { publicUrl }: AdminAccess): void {
  const host = c.req.header("host") ?? "";
  if (LOOPBACK.test(host) || host.toLowerCase() === hostOf(publicUrl)) return;
  throw new ApiError(
    "wrong_host",
    `This server is not called "${host.slice(0, 200)}". If it is, say so with \`admin.public-url\`.`,
  );
}

/**
 * What another page lets a browser send comes with the browser's word of it. A program sends neither header, and no cookie
 * of somebody's either.
 */
function checkOrigin(c: Context<AdminEnv>, access: AdminAccess): void {
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  if (site === undefined && origin === undefined) return;
  if (site === undefined ? origin === ownOrigin(c, access) : site === "same-origin") return;
  throw new ApiError(
    "wrong_origin",
    "Changes are taken from this server's own pages only, and from programs.",
  );
}

function ownOrigin(c: Context<AdminEnv>, { publicUrl }: AdminAccess): string {
  const host = c.req.header("host") ?? "";
  if (publicUrl !== undefined && host.toLowerCase() === hostOf(publicUrl)) return new URL(publicUrl).origin;
  return `http://${host}`;
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).host;
}

/** Whether a request came by the name that the owner has given, under which the connection is encrypted. */
export function isSecure(c: Context<AdminEnv>, { publicUrl }: AdminAccess): boolean {
  return (
    publicUrl?.startsWith("https:") === true && c.req.header("host")?.toLowerCase() === hostOf(publicUrl)
  );
}

/** The address that connected. Whoever can open a socket file is on this machine. */
export function peerOf({ incoming }: HttpBindings): string {
  return incoming.socket.remoteAddress ?? "127.0.0.1";
}
