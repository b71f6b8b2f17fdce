import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

const DELIVERIES = 1_000;
const AT_ONCE = 50;
/** After ten seconds GitHub counts a delivery as failed. */
const GITHUB_WAITS_MS = 10_000;

describe("slow actions", () => {
  it("do not slow the answers: a thousand deliveries are answered while their hooks sleep (story 35)", async (t) => {
    const place = workplace(t, {
      files: { "hooks/slow.yml": "on: push\nrun: sleep 300" },
      environment: { LONGSHORE_WORKERS: "3" },
    });
    const server = await place.serve();
    const look = await lookInto(t, place);

    let slowest = 0;
    for (let sent = 0; sent < DELIVERIES; sent += AT_ONCE) {
      const answers = Array.from({ length: AT_ONCE }, async () => {
        const start = performance.now();
        assert.equal((await server.send()).status, 202);
        slowest = Math.max(slowest, performance.now() - start);
      });
      await Promise.all(answers);
    }

    assert.ok(slowest < GITHUB_WAITS_MS, `an answer took ${slowest} ms`);
    const countOf = async (status: string) =>
      (await look.runs()).filter((run) => run.status === status).length;
    await until("all workers are busy", async () => (await countOf("running")) === 3);
    assert.equal(await countOf("queued"), DELIVERIES - 3);
  });
});

describe("a push during a deploy", () => {
  it("waits, and is deployed last (story 29)", async (t) => {
    const place = workplace(t, { environment: { LONGSHORE_WORKERS: "1" } });
    const site = join(place.folder, "site");
    place.write(
      "hooks/deploy.yml",
      `on: push\nrun: |\n  until [ -e ${place.folder}/go ]; do sleep 0.05; done\n  echo "$GITHUB_SHA" >> ${site}`,
    );
    const server = await place.serve();
    const look = await lookInto(t, place);
    const push = (sha: string) => server.send({ body: pushPayload({ after: sha }) });

    const [running] = runsOf(await push("1".repeat(40)));
    await look.reached(running, "running");
    const answers = [await push("2".repeat(40)), await push("3".repeat(40))];
    const waiting = answers.flatMap(runsOf);
    for (const run of waiting) await look.reached(run, "queued");

    place.write("go", "");
    for (const run of [running, ...waiting]) await look.reached(run, "succeeded");
    assert.equal(readFileSync(site, "utf8").trim().split("\n").at(-1), "3".repeat(40));
  });
});
