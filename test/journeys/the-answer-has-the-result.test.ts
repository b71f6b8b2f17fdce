import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { workplace } from "../support/server.ts";

describe("a source with `respond: outcome`", () => {
  it("tells GitHub what the scripts have printed, and whether they failed", async (t) => {
    const place = workplace(t, {
      files: {
        "longshore.yml": "sources: { github: { respond: outcome } }",
        "hooks/deploy.yml": 'on: push\nrun: echo "deployed $GITHUB_REF_NAME"; echo oh >&2',
        "hooks/close.yml": "on: issues\nrun: exit 3",
      },
    });
    const server = await place.serve();
    const good = await server.send();
    assert.equal(good.status, 200);
    const [run] = (good.json as { runs: { output: string; exitCode: number }[] }).runs;
    assert.equal(run?.exitCode, 0);
    assert.match(run?.output ?? "", /deployed main\n/);
    assert.match(run?.output ?? "", /oh\n/);

    const bad = await server.send({ event: "issues", body: { action: "closed" } });
    assert.equal(bad.status, 500);
    assert.equal((bad.json as { runs: { exitCode: number }[] }).runs[0]?.exitCode, 3);
  });
});
