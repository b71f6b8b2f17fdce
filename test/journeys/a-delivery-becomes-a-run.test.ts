import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

interface RunJson {
  id: number;
  hook: string;
  deliveryId: number;
  status: string;
  exitCode: number | null;
}

const HOOK = `
on:
  push:
    branches: [main]
run: |
  echo "deploying $GITHUB_SHA of $GITHUB_REPOSITORY"
  echo "for $GITHUB_ACTOR" >&2
`;

describe("a signed delivery", () => {
  it("is stored, answered with 202, run by the hook that matches, and its output kept", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": HOOK } });
    const server = await place.serve();

    const answer = await server.send();
    assert.equal(answer.status, 202);
    const { delivery, runs } = answer.json as { delivery: number; runs: number[] };
    assert.equal(runs.length, 1);

    const run = await until("the run has ended", async () => {
      const found = await place.json<RunJson>("runs", "show", String(runs[0]));
      return found.status === "succeeded" && found;
    });
    assert.deepEqual(
      { hook: run.hook, deliveryId: run.deliveryId, exitCode: run.exitCode },
      { hook: "deploy", deliveryId: delivery, exitCode: 0 },
    );
    const { stdout } = await place.cli("runs", "logs", String(run.id));
    assert.match(stdout, new RegExp(`deploying ${"a".repeat(40)} of acme/site`));
    assert.match(stdout, /for alice/);
  });

  it("is stored and answered with 204 when no hook is for it", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": HOOK } });
    const server = await place.serve();

    const answer = await server.send({ event: "issues", body: { action: "opened" } });
    assert.equal(answer.status, 204);
    const { items } = await place.json<{ items: { event: string; runs: unknown[] }[] }>("deliveries", "list");
    assert.deepEqual(
      items.map(({ event, runs }) => ({ event, runs })),
      [{ event: "issues", runs: [] }],
    );
  });
});
