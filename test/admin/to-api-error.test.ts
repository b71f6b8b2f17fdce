import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HTTPException } from "hono/http-exception";
import { ApiError } from "../../src/admin/api-error.ts";
import { toApiError } from "../../src/admin/to-api-error.ts";
import { UserError } from "../../src/config/problem.ts";
import { DatabaseUnreachable } from "../../src/store/faults.ts";

describe("what went wrong, as whoever asked is told", () => {
  const busy = Object.assign(new Error("database is locked"), { errcode: 5 });
  const tooSlow = Object.assign(new Error("canceling statement due to statement timeout"), { code: "57014" });
  const cases: [what: string, error: unknown, status: number, code: string][] = [
    ["what a route says", new ApiError("not_found", "There is no run 7."), 404, "not_found"],
    ["a mistake of the owner's", new UserError("no hook is called x"), 409, "conflict"],
    ["what Hono refuses", new HTTPException(413, { message: "too large" }), 413, "body_too_large"],
    ["a database that is away", new DatabaseUnreachable("refused"), 503, "unavailable"],
    ["a database that is locked", busy, 503, "unavailable"],
    ["a database that takes too long", tooSlow, 503, "unavailable"],
    ["anything else", new TypeError("undefined is not a function"), 500, "internal"],
  ];
  for (const [what, error, status, code] of cases)
    it(`is ${status} ${code}: ${what}`, async () => {
      const answer = toApiError(error);
      assert.deepEqual([answer.toResponse().status, answer.code], [status, code]);
      assert.ok(code !== "internal" || !answer.message.includes("undefined"), "ours stays in the log");
    });
});
