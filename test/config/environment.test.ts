import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { readEnvironment } from "../../src/config/environment.ts";
import { UserError } from "../../src/config/problem.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** A folder with these files, and the environment that its `.env` makes of the variables. */
function setUp(t: TestContext, files: Record<string, string>, variables: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder, environment: readEnvironment(variables, join(folder, ".env")) };
}

describe("the environment", () => {
  it("has the process's variables, also where there is no .env", (t) => {
    const { environment } = setUp(t, {}, { A: "1", EMPTY: "" });
    assert.equal(environment.get("A"), "1");
    assert.equal(environment.get("EMPTY"), "");
    assert.equal(environment.get("B"), undefined);
  });

  it("is the variables as they were, not the process's own", (t) => {
    const { environment } = setUp(t, {}, {});
    assert.equal(environment.get("PATH"), undefined);
  });

  it("adds what .env says, quotes and comments understood", (t) => {
    const { environment } = setUp(t, { ".env": "# secrets\nA=1\nB='with # and space'\nexport C=3\n" });
    assert.deepEqual(["A", "B", "C"].map(environment.get), ["1", "with # and space", "3"]);
  });

  it("is never overridden by .env, not even where it is empty", (t) => {
    const { environment } = setUp(t, { ".env": "A=file\nB=file\n" }, { A: "process", B: "" });
    assert.deepEqual(["A", "B"].map(environment.get), ["process", ""]);
  });

  it("is not overridden by .env where it names a file", (t) => {
    const { folder } = setUp(t, { ".env": "SECRET=development\n", secret: "production" });
    const environment = readEnvironment({ SECRET_FILE: join(folder, "secret") }, join(folder, ".env"));
    assert.equal(environment.get("SECRET"), "production");
  });

  it("takes no NODE_ variable from .env: those steer the runtime", (t) => {
    const text = "NODE_OPTIONS=--require=./evil.js\nNODE_EXTRA_CA_CERTS=x\nNODE_ENV=test\nMY_NODE_X=1\n";
    const { environment } = setUp(t, { ".env": text }, { NODE_ENV: "production" });
    assert.equal(environment.get("NODE_OPTIONS"), undefined);
    assert.equal(environment.get("NODE_EXTRA_CA_CERTS"), undefined);
    assert.equal(environment.get("NODE_ENV"), "production");
    assert.equal(environment.get("MY_NODE_X"), "1");
  });

  it("leaves the process's environment alone", (t) => {
    setUp(t, { ".env": "LONGSHORE_TEST_ONLY=1\n" });
    assert.equal(process.env.LONGSHORE_TEST_ONLY, undefined);
  });

  it("fails when .env cannot be read", (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, ".env"));
    assert.throws(
      () => readEnvironment({}, join(folder, ".env")),
      (error) => error instanceof UserError && /\.env cannot be read: EISDIR/.test(error.message),
    );
  });
});

describe("NAME_FILE", () => {
  const contents: [what: string, text: string, value: string][] = [
    ["the content of the file", "s3cret", "s3cret"],
    ["it without one line end", "s3cret\n", "s3cret"],
    ["it without one line end of Windows", "s3cret\r\n", "s3cret"],
    ["all but one line end", "s3cret\n\n", "s3cret\n"],
    ["spaces as they are", "  s3 cret ", "  s3 cret "],
    ["an empty value", "\n", ""],
  ];
  for (const [what, text, value] of contents) {
    it(`gives ${what}`, (t) => {
      const { folder } = setUp(t, { secret: text });
      const environment = readEnvironment({ SECRET_FILE: join(folder, "secret") }, join(folder, ".env"));
      assert.equal(environment.get("SECRET"), value);
    });
  }

  it("gives way to the variable itself", (t) => {
    const { environment } = setUp(t, {}, { SECRET: "here", SECRET_FILE: "/nowhere" });
    assert.equal(environment.get("SECRET"), "here");
  });

  it("is read again each time, so that a file that is replaced needs no restart", (t) => {
    const { folder, environment } = setUp(t, { secret: "old", ".env": "SECRET_FILE=secret\n" });
    assert.equal(environment.get("SECRET"), "old");
    writeFileSync(join(folder, "secret"), "new");
    assert.equal(environment.get("SECRET"), "new");
  });

  it("is relative to the folder of the settings, from .env and from the process alike", (t) => {
    const { folder, environment } = setUp(t, { secret: "beside", ".env": "A_FILE=secret\n" });
    assert.equal(environment.get("A"), "beside");
    assert.equal(readEnvironment({ B_FILE: "./secret" }, join(folder, ".env")).get("B"), "beside");
  });

  it("fails naming the variable and the file when that cannot be read", (t) => {
    const { environment } = setUp(t, {}, { SECRET_FILE: "/nowhere/secret" });
    assert.throws(
      () => environment.get("SECRET"),
      (error) =>
        error instanceof UserError &&
        /^SECRET_FILE names \/nowhere\/secret, which cannot be read: ENOENT/.test(error.message),
    );
  });
});
