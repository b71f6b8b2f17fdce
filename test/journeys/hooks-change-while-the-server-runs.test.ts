import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Look, lookInto, runsOf } from "../support/look.ts";
import { type TestServer, workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

const saying = (word: string) => `on: push\nrun: echo ${word}\n`;
/** A key that no hook has, on the second line. */
const BROKEN = "on: push\nruns: echo broken\n";

describe("a hook file", () => {
  it("takes effect when it is written, changed and removed, without a restart", async (t) => {
    const place = workplace(t, { files: { "hooks/other.yml": "on: issues\nrun: echo other" } });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const said = () => whatIsSaid(server, look);
    assert.equal(await said(), "nothing");

    place.write("hooks/site/deploy.yml", saying("one"));
    await until("the new hook runs", async () => (await said()) === "one");
    place.write("hooks/site/deploy.yml", saying("two"));
    await until("the changed hook runs", async () => (await said()) === "two");
    rmSync(join(place.folder, "hooks", "site"), { recursive: true });
    await until("the removed hook runs no more", async () => (await said()) === "nothing");
  });

  it("that is removed fails its waiting runs, and leaves those of others (story 46)", async (t) => {
    const place = workplace(t, {
      files: {
        "longshore.yml": "workers: 1",
        "hooks/busy.yml": "on: push\nrun: until [ -e ../open ]; do sleep 0.02; done\nworking-directory: .",
        "hooks/removed.yml": saying("removed"),
        "hooks/waiting.yml": saying("waiting"),
      },
    });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const answer = await server.send();
    const byHook = new Map((await look.runs()).map(({ hook, id }) => [hook, id]));
    assert.equal(runsOf(answer).length, 3);
    await look.reached(byHook.get("busy"), "running");

    rmSync(join(place.folder, "hooks", "removed.yml"));

    const { status, reason } = await look.ended(byHook.get("removed"));
    assert.equal(status, "failed");
    assert.match(reason ?? "", /the hook removed is gone/);
    place.write("open", "");
    await look.reached(byHook.get("waiting"), "succeeded");
  });

  it("keeps its last good version while it is broken, and the log says where (story 46)", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": saying("good") } });
    const server = await place.serve();
    const look = await lookInto(t, place);
    assert.equal(await whatIsSaid(server, look), "good");

    place.write("hooks/deploy.yml", BROKEN);
    await until("the server has seen it", () => problemsIn(server).includes("hooks/deploy.yml:2:1"));
    assert.equal(await whatIsSaid(server, look), "good");
  });

  it("that is broken from the start stops neither the server nor the other hooks", async (t) => {
    const place = workplace(t, {
      files: { "hooks/broken.yml": BROKEN, "hooks/empty.yml": "", "hooks/deploy.yml": saying("good") },
    });
    const server = await place.serve();
    const look = await lookInto(t, place);

    assert.deepEqual(JSON.parse(server.stdout()).hooks, ["deploy"]);
    assert.deepEqual(
      new Set(problemsIn(server).map((place) => place.split(":")[0])),
      new Set(["hooks/broken.yml", "hooks/empty.yml"]),
    );
    assert.equal(await whatIsSaid(server, look), "good");
  });
});

/** What the one hook for a push prints. */
async function whatIsSaid(server: TestServer, look: Look): Promise<string> {
  const answer = await server.send();
  if (answer.status === 204) return "nothing";
  const runs = runsOf(answer);
  assert.equal(runs.length, 1);
  const { status, reason } = await look.ended(runs[0]);
  return status === "succeeded" ? (await look.output(runs[0])).trim() : `${status}: ${reason}`;
}

/** The places of the mistakes that the log has told so far: `file:line:column`. */
function problemsIn(server: TestServer): string[] {
  return server
    .stderr()
    .split("\n")
    .flatMap((line) => (line.includes('"problem"') ? (JSON.parse(line) as { msg: string }) : []))
    .map(({ msg }) => msg.split(": ")[0] ?? "");
}
