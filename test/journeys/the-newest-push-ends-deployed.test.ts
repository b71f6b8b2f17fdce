import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { isRunning } from "../support/processes.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

/** A server whose script notes when it begins and when it ends, and waits for a file named for its commit. */
async function setUp(t: TestContext, concurrency: string) {
  const place = workplace(t);
  const log = join(place.folder, "log");
  place.write(
    "hooks/deploy.yml",
    `on: push
concurrency: ${concurrency}
run: |
  echo "begin $GITHUB_SHA $$" >> ${log}
  until [ -e ${place.folder}/go-$GITHUB_SHA ]; do sleep 0.05; done
  echo "end $GITHUB_SHA" >> ${log}
`,
  );
  place.write("log", "");
  const server = await place.serve();
  const look = await lookInto(t, place);
  const lines = () => readFileSync(log, "utf8").split("\n").filter(Boolean);
  return {
    look,
    push: async (commit: string, changes: object = {}) => {
      const [run] = runsOf(await server.send({ body: pushPayload({ after: commit, ...changes }) }));
      assert.ok(run !== undefined);
      return run;
    },
    begun: async (commit: string) => {
      const line = await until(`${commit} has begun`, () =>
        lines().find((one) => one.startsWith(`begin ${commit} `)),
      );
      return Number(line.split(" ")[2]);
    },
    letGo: (commit: string) => place.write(`go-${commit}`, ""),
    /** What happened, without the numbers of the processes. */
    story: () => lines().map((line) => line.split(" ").slice(0, 2).join(" ")),
  };
}

describe("pushes that come while a deployment runs", { concurrency: 2 }, () => {
  it("never overlap it; the newest ends deployed, and those between are not performed (story 29)", async (t) => {
    const { look, push, begun, letGo, story } = await setUp(t, "deploy");
    const first = await push("one");
    await begun("one");
    const second = await push("two");
    const third = await push("three");
    assert.equal((await look.reached(second, "cancelled")).reason, `superseded by run ${third}`);
    letGo("one");
    await look.reached(first, "succeeded");
    await begun("three");
    letGo("three");
    await look.reached(third, "succeeded");
    assert.deepEqual(story(), ["begin one", "end one", "begin three", "end three"]);
  });

  it("are performed in their order under `queue: max`", async (t) => {
    const { look, push, letGo, story } = await setUp(t, "{ group: deploy, queue: max }");
    const commits = ["one", "two", "three"];
    const runs = [];
    for (const commit of commits) runs.push(await push(commit));
    for (const commit of commits.toReversed()) letGo(commit);
    for (const run of runs) await look.reached(run, "succeeded");
    assert.deepEqual(
      story(),
      commits.flatMap((commit) => [`begin ${commit}`, `end ${commit}`]),
    );
  });

  it("stop it under `cancel-in-progress`, and its script with it", async (t) => {
    const { look, push, begun, letGo } = await setUp(
      t,
      '{ group: "${{ github.ref }}", cancel-in-progress: true }',
    );
    const first = await push("one");
    const script = await begun("one");
    const second = await push("two");
    const { reason, signal } = await look.reached(first, "cancelled");
    assert.deepEqual([reason, signal], [`superseded by run ${second}`, "SIGTERM"]);
    assert.equal(isRunning(script), false);
    await begun("two");
    letGo("two");
    await look.reached(second, "succeeded");
  });

  it("for another branch or repository do not wait where the group says so", async (t) => {
    const { push, begun } = await setUp(t, '"deploy-${{ github.ref }}"');
    await push("one");
    await push("two", { ref: "refs/heads/other" });
    await push("three", { repository: { full_name: "acme/other", name: "other" } });
    for (const commit of ["one", "two", "three"]) assert.ok(await begun(commit));
  });
});

describe("a push that comes too late", () => {
  it("is not performed when a newer one of its branch has succeeded", async (t) => {
    const { look, push, letGo, story } = await setUp(t, "deploy");
    const at = (seconds: number) => ({
      repository: { full_name: "acme/site", name: "site", pushed_at: seconds },
    });
    letGo("new");
    const newer = await push("new", at(2_000));
    await look.reached(newer, "succeeded");
    const late = await push("old", at(1_000));
    assert.equal((await look.reached(late, "skipped")).reason, `older than run ${newer}`);
    assert.deepEqual(story(), ["begin new", "end new"]);

    letGo("newest");
    await look.reached(await push("newest", at(3_000)), "succeeded");
    assert.deepEqual(story().slice(2), ["begin newest", "end newest"]);
  });
});
