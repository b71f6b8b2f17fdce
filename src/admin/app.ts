/**
 * The admin API as one application: every group of routes behind the guard, its own description, and the dashboard's
 * files. To add a route: a file beside the others in `routes/`, and its line in {@link createApp}.
 */
import { secureHeaders } from "hono/secure-headers";
import { ApiError } from "./api-error.ts";
import { DashboardFiles } from "./dashboard-files.ts";
import { guard } from "./guard.ts";
import { newRouter } from "./new-router.ts";
import { describeApi } from "./openapi.ts";
import type { AdminParts } from "./parts.ts";
import { readinessOf } from "./readiness.ts";
import { accessRoutes } from "./routes/access.ts";
import { changeRoutes } from "./routes/changes.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { eventRoutes } from "./routes/events.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { overviewRoutes } from "./routes/overview.ts";
import { runRoutes } from "./routes/runs.ts";
import { searchRoutes } from "./routes/search.ts";
import { sessionRoutes } from "./routes/session.ts";
import { systemRoutes } from "./routes/system.ts";
import { trialRoutes } from "./routes/trials.ts";
import { SignIn } from "./sign-in.ts";
import { toApiError } from "./to-api-error.ts";

/** Nothing that is sent here is larger than a hook file. */
const MAX_BODY_BYTES = 2 * 1_048_576;

/** For `hc` of `hono/client`: every route with what it takes and answers. */
export type AdminApi = ReturnType<typeof apiRoutes>;

export function createApp(parts: AdminParts) {
  const signIn = new SignIn(parts);
  const { publicUrl } = parts.settings.admin;
  const prefix = publicUrl === undefined ? "" : new URL(publicUrl).pathname.replace(/\/$/, "");
  const files = new DashboardFiles(prefix);
  const app = newRouter(prefix);
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: "same-origin",
      xFrameOptions: "DENY",
      // Whoever speaks TLS in front of this says for how long it is to be kept up.
      strictTransportSecurity: false,
    }),
  );
  app.use("/api/*", (c, next) => {
    checkLength(c.req.header("content-length"), c.req.header("transfer-encoding"));
    return next();
  });
  app.use("/api/*", async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });
  app.use(guard(parts.settings.admin, signIn));
  app.route("/", apiRoutes(parts, signIn));
  app.get("/api/openapi.json", (c) => c.json(describeApi(app, parts.node.version)));
  app.get("/metrics", async (c) =>
    c.text(await parts.metrics.text(), 200, { "Content-Type": parts.metrics.contentType }),
  );
  app.get("/readyz", async (c) => {
    const { isReady, checks } = await readinessOf(parts);
    return c.json({ ready: isReady, checks }, isReady ? 200 : 503);
  });
  app.all("/api/*", () => {
    throw new ApiError("not_found", "There is no such route; /api/openapi.json names them all.");
  });
  app.get("*", (c) => files.answer(c));
  app.notFound(() => new ApiError("not_found", "There is no such page.").toResponse());
  app.onError((error) => {
    const answer = toApiError(error);
    // What whoever asked can mend is no news for the owner.
    if (answer !== error && ["internal", "unavailable"].includes(answer.code))
      parts.log.error({ err: error }, "a request for the admin API has failed");
    return answer.toResponse();
  });
  return app;
}

/** All that the API's description names, and nothing else. */
function apiRoutes(parts: AdminParts, signIn: SignIn) {
  return newRouter()
    .route("/", sessionRoutes(parts, signIn))
    .route("/", overviewRoutes(parts))
    .route("/", deliveryRoutes(parts))
    .route("/", searchRoutes(parts))
    .route("/", eventRoutes(parts))
    .route("/", runRoutes(parts))
    .route("/", hookRoutes(parts))
    .route("/", changeRoutes(parts))
    .route("/", trialRoutes(parts))
    .route("/", accessRoutes(parts))
    .route("/", systemRoutes(parts));
}

/** Before a byte of it is read. */
function checkLength(length = "0", encoding?: string): void {
  if (encoding !== undefined) throw new ApiError("invalid", "Say how long the body is, with Content-Length.");
  if (Number(length) > MAX_BODY_BYTES) throw new ApiError("body_too_large", "The body is larger than 2 MiB.");
}
