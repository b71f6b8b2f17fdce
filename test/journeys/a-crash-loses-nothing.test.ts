import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { isRunning } from "../support/processes.ts";
import { type Workplace, workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

describe("a server that is killed", { concurrency: true }, () => {
  it("has stored what it has answered, and the next one runs it (stories 28, 31)", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" } });
    const receiver = await place.serve("--only", "receiver");
    const answers = await Promise.all(Array.from({ length: 20 }, () => receiver.send()));
    await receiver.end("SIGKILL");

    const runs = answers.flatMap(runsOf);
    assert.equal(runs.length, 20);
    const look = await lookInto(t, place);
    assert.deepEqual(new Set((await look.runs()).map(({ status }) => status)), new Set(["queued"]));

    await place.serve();
    for (const run of runs) assert.equal((await look.reached(run, "succeeded")).attempt, 1);
    assert.equal((await look.runs()).length, 20);
  });

  it("can lose its database too: what is sent again from GitHub is new to the next one, and runs (story 30)", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" } });
    const sent = { guid: randomUUID(), body: pushPayload() };
    const first = await place.serve("--only", "receiver");
    assert.equal((await first.send(sent)).status, 202);
    await first.end("SIGKILL");
    rmSync(join(place.folder, "data"), { recursive: true });

    const next = await place.serve();
    const again = await next.send(sent);
    assert.equal(again.status, 202);
    assert.doesNotMatch(again.text, /duplicate/);
    const [run] = runsOf(again);
    const look = await lookInto(t, place);
    assert.equal(await look.output((await look.reached(run, "succeeded")).id), "deployed\n");
  });

  it("leaves no script behind, and the next one tries its run again", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": SLOW_AT_FIRST, "tmp/kept": "" } });
    place.environment.TMPDIR = join(place.folder, "tmp");
    const server = await place.serve();
    const look = await lookInto(t, place);
    const [run] = runsOf(await server.send({ body: { folder: place.folder } }));
    const processes = await until("the script runs", () => numbersIn(place, "processes"));
    assert.equal(processes.every(isRunning), true);
    assert.equal(runFolders(place).length, 1);

    await server.end("SIGKILL");

    await until("the script and its children are dead", () => !processes.some(isRunning));
    await until("the run's folder is gone", () => runFolders(place).length === 0);
    assert.equal((await look.reached(run, "running")).attempt, 1);

    await place.serve();
    const again = await look.reached(run, "succeeded");
    assert.deepEqual([again.attempt, again.exitCode, again.reason], [2, 0, null]);
    assert.equal(await look.output(run), "attempt 2\n");
    assert.deepEqual(runFolders(place), []);
  });

  it("has its run failed when that has happened three times: it may be what kills the server", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: sleep 300" } });
    const look = await lookInto(t, place);
    const first = await place.serve();
    const [run] = runsOf(await first.send());
    await look.reached(run, "running");
    await first.end("SIGKILL");
    for (const attempt of [2, 3]) {
      const next = await place.serve();
      await until(`attempt ${attempt} runs`, async () => {
        const found = await look.reached(run, "running");
        return found.attempt === attempt;
      });
      await next.end("SIGKILL");
    }

    await place.serve();
    const { reason, attempt } = await look.reached(run, "failed");
    // The fourth is the one that finds it out, and performs no more than `on-failure`.
    assert.deepEqual([attempt, reason], [4, "interrupted 3 times: its worker was gone"]);
  });
});

/** Its first attempt starts a child that starts another, writes down the numbers of all three, and would never end. */
const SLOW_AT_FIRST = `
on: push
run: |
  if [ "$LONGSHORE_ATTEMPT" = 1 ]; then
    folder=$(sed -n 's/.*"folder":"\\([^"]*\\)".*/\\1/p' "$GITHUB_EVENT_PATH")
    sh -c 'sleep 300 & echo $! >&3; wait' 3>"$folder/draft" &
    child=$!
    while ! [ -s "$folder/draft" ]; do sleep 0.05; done
    echo "$$ $child" >> "$folder/draft"
    mv "$folder/draft" "$folder/processes"
    wait
  fi
  echo "attempt $LONGSHORE_ATTEMPT"
`;

function numbersIn({ folder }: Workplace, file: string): number[] | undefined {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, "utf8").trim().split(/\s+/).map(Number) : undefined;
}

function runFolders({ folder }: Workplace): string[] {
  return readdirSync(join(folder, "tmp")).filter((name) => name.startsWith("longshore-run-"));
}
