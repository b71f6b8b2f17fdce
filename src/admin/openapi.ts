/** The API's description: what its routes say of themselves, and what all of them have in common. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AdminEnv } from "./parts.ts";
import { ApiProblem } from "./shapes/parts.ts";

const SECURITY = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "A personal token (`longshore token add`), or the admin token in `<data>/admin-token`.",
  },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "longshore-session",
    description: "Set by `POST /api/session`. With a port in the host its name ends in `-` and the port.",
  },
} as const;

/** As OpenAPI 3.1. */
export function describeApi(app: OpenAPIHono<AdminEnv>, version: string) {
  for (const [name, scheme] of Object.entries(SECURITY))
    app.openAPIRegistry.registerComponent("securitySchemes", name, scheme);
  app.openAPIRegistry.register("Error", ApiProblem);
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Longshore",
      version,
      description: "What came in, what it did, why; and one request to do it again.",
    },
    security: [{ bearer: [] }, { session: [] }],
  });
  const problem = {
    description: "What is wrong, and what to change.",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
  for (const path of Object.values(document.paths ?? {}))
    for (const operation of Object.values(path))
      if (typeof operation === "object" && operation !== null && "responses" in operation)
        Object.assign(operation.responses, { default: problem });
  return document;
}
