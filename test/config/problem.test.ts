import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { formatProblem, hasErrors, problem, showPath, UserError } from "../../src/config/problem.ts";

const AT = {
  file: "hooks/deploy.yml",
  line: 3,
  column: 5,
  severity: "error",
  message: "expected a text",
} as const;

describe("a problem", () => {
  it("is written as editors and terminals read it", () => {
    assert.equal(formatProblem(AT), "hooks/deploy.yml:3:5: error: expected a text");
  });

  it("is written without a line where it has none", () => {
    assert.equal(formatProblem(problem("TOKEN", "is short", "warning")), "TOKEN: warning: is short");
  });

  it("is an error unless it says otherwise", () => {
    assert.deepEqual(problem("x", "y"), {
      file: "x",
      line: null,
      column: null,
      severity: "error",
      message: "y",
    });
    assert.equal(hasErrors([problem("x", "y", "warning")]), false);
    assert.equal(hasErrors([problem("x", "y", "warning"), AT]), true);
  });
});

describe("showPath", () => {
  it("says a path from where the person stands", () => {
    assert.equal(showPath(join(process.cwd(), "hooks/deploy.yml")), "hooks/deploy.yml");
    assert.equal(showPath(process.cwd()), ".");
  });

  it("leaves paths elsewhere, relative ones and names of variables alone", () => {
    for (const path of ["/etc/longshore/longshore.yml", "hooks/x.yml", "GITHUB_WEBHOOK_SECRET"]) {
      assert.equal(showPath(path), path);
    }
  });
});

describe("UserError", () => {
  it("says all its problems, one a line, and keeps them as data", () => {
    const error = new UserError("Not started:", [AT, problem("TOKEN", "is empty")]);
    assert.equal(
      error.message,
      "Not started:\nhooks/deploy.yml:3:5: error: expected a text\nTOKEN: error: is empty",
    );
    assert.equal(error.problems.length, 2);
  });
});
