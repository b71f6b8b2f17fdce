import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sourcesBelow } from "../support/sources.ts";

const dashboard = sourcesBelow("dashboard");

describe("the dashboard", () => {
  it("takes of the server only the API's shapes, as types, and what makes texts visible", () => {
    const taken = dashboard.flatMap(({ path, code }) =>
      [...code.matchAll(/import (type )?[^;]*? from "(?:\.\.\/)+(src\/[^"]+)"/g)].map(([, type, target]) => ({
        path,
        taken: `${type ?? ""}${target?.replace(/[^/]+$/, "")}`,
        target,
      })),
    );
    assert.ok(taken.length > 0);
    const wrong = taken.filter(
      ({ path, taken: what, target }) =>
        !(path === "dashboard/src/api/types.ts" && what === "type src/admin/shapes/") &&
        target !== "src/lib/visible.ts",
    );
    assert.deepEqual(wrong, []);
  });

  it("never makes HTML of a text", () => {
    assert.deepEqual(
      dashboard.filter(({ code }) => /dangerouslySetInnerHTML|innerHTML/.test(code)).map(({ path }) => path),
      [],
    );
  });
});
