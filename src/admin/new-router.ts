/** A group of routes of the API. What a request says wrongly is answered the same way everywhere. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { getPath } from "hono/utils/url";
import { ApiError } from "./api-error.ts";
import type { AdminEnv } from "./parts.ts";
import { mistakeSentences } from "./request-mistakes.ts";

/** @param prefix what a proxy puts before every path, where it does not take it away again. */
export function newRouter(prefix = "") {
  return new OpenAPIHono<AdminEnv>({
    ...(prefix === "" ? {} : { getPath: (request: Request) => withoutPrefix(getPath(request), prefix) }),
    defaultHook(result) {
      if (result.success) return undefined;
      return new ApiError("invalid", mistakeSentences(result.error.issues)).toResponse();
    },
  });
}

function withoutPrefix(path: string, prefix: string): string {
  if (path === prefix) return "/";
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
}
