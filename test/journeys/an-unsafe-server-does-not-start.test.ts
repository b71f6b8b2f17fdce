import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type WorkplaceOptions, workplace } from "../support/server.ts";

const NO_SECRET = { GITHUB_WEBHOOK_SECRET: undefined };

describe("serve", { concurrency: 2 }, () => {
  it("does not start when sources that are written down have no secret (stories 5, 6)", async (t) => {
    const sources = "sources:\n  github:\n    path: /github\n  partner:\n    path: /partner\n";
    const { stderr, folder } = await refusesToStart(t, {
      files: { "longshore.yml": sources },
      environment: NO_SECRET,
    });
    assert.match(stderr, /source "github" has no secret: set the variable GITHUB_WEBHOOK_SECRET/);
    assert.match(stderr, /source "partner" has no secret/);
    assert.equal(existsSync(join(folder, "data", "secrets")), false);
  });

  it("does not start when the secret is set but empty (story 5)", async (t) => {
    const { stderr } = await refusesToStart(t, { environment: { GITHUB_WEBHOOK_SECRET: "" } });
    assert.match(stderr, /GITHUB_WEBHOOK_SECRET: error: is set but empty/);
  });

  it("makes no secret of its own with --only: the other nodes would not know it", async (t) => {
    const { stderr, folder } = await refusesToStart(t, { environment: NO_SECRET }, "--only", "receiver");
    assert.match(stderr, /source "github" has no secret/);
    assert.equal(existsSync(join(folder, "data", "secrets")), false);
  });

  it("does not start when somebody else has the port, and says how to choose another", async (t) => {
    const other = createServer().listen(0, "127.0.0.1");
    t.after(() => other.close());
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const { stderr } = await refusesToStart(t, { environment: { LONGSHORE_LISTEN: `127.0.0.1:${port}` } });
    assert.match(stderr, new RegExp(`Cannot listen: .*${port}.*LONGSHORE_LISTEN`));
  });

  it("does not start when the settings have mistakes, and tells all of them with their places", async (t) => {
    const settings = "workers: many\nlisten: nowhere\nhoks: ./hooks\ntrust-proxy: [example.com]\n";
    const { stderr } = await refusesToStart(t, { files: { "longshore.yml": settings } });
    const [, ...problems] = stderr.trim().split("\n");
    assert.deepEqual(
      problems.map((line) => line.split(": ")[0]),
      ["longshore.yml:1:10", "longshore.yml:2:9", "longshore.yml:3:1", "longshore.yml:4:15"],
    );
    assert.match(stderr, /unknown key `hoks`\. Did you mean "hooks"\?/);
  });
});

/** What it says when it ends as a person's mistake should: with 2, on standard error, and without a stack. */
async function refusesToStart(t: TestContext, options: WorkplaceOptions, ...args: string[]) {
  const place = workplace(t, options);
  const { code, stdout, stderr } = await place.cli("serve", ...args);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.doesNotMatch(stderr, /^ +at /m);
  return { stderr, folder: place.folder };
}
