import assert from "node:assert/strict";
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { writeConfigMap } from "../support/config-map.ts";
import { type Look, lookInto, runsOf } from "../support/look.ts";
import { type TestServer, workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

const saying = (word: string) => `on: push\nrun: echo ${word}\n`;
/** A key that no hook has, on the second line. */
const BROKEN = "on: push\nruns: echo broken\n";

describe("a hook file of a running server", async () => {
  const place = workplace({ after }, { files: { "hooks/other.yml": "on: issues\nrun: echo other" } });
  const server = await place.serve();
  const look = await lookInto({ after }, place);
  const said = () => whatIsSaid(server, look);
  /** From now on the one hook for pushes prints a word. */
  const deploys = async (word: string, shown: string) => {
    place.write("hooks/deploy.yml", saying(word));
    await until(`"${shown}" is said`, async () => (await said()) === shown);
  };

  it("takes effect when it is written, changed and removed, without a restart", async () => {
    assert.equal(await said(), "nothing");

    place.write("hooks/site/deploy.yml", saying("one"));
    await until("the new hook runs", async () => (await said()) === "one");
    place.write("hooks/site/deploy.yml", saying("two"));
    await until("the changed hook runs", async () => (await said()) === "two");
    rmSync(join(place.folder, "hooks", "site"), { recursive: true });
    await until("the removed hook runs no more", async () => (await said()) === "nothing");
  });

  it("keeps its last good version while it is broken, and the log says where (story 46)", async () => {
    await deploys("good", "good");

    place.write("hooks/deploy.yml", BROKEN);
    await until("the server has seen it", () => problemsIn(server).includes("hooks/deploy.yml:2:1"));
    assert.equal(await said(), "good");
  });

  it("that would hand on a source's secret keeps its last good version, and the script never sees it", async () => {
    await deploys('"[$GITHUB_WEBHOOK_SECRET]"', "[]");

    place.write(
      "hooks/deploy.yml",
      `${saying('"[$GITHUB_WEBHOOK_SECRET]"')}inherit-env: GITHUB_WEBHOOK_SECRET\n`,
    );
    await until("the server has seen it", () => problemsIn(server).includes("hooks/deploy.yml:3:14"));
    // The worker reads the folder by itself: it has seen this file when it runs what came after it.
    place.write("hooks/label.yml", "on: label\nrun: echo later");
    await until("the worker has seen it as well", async () => {
      const answer = await server.send({ event: "label" });
      return answer.status === 202 && (await look.ended(runsOf(answer)[0]));
    });
    assert.equal(await said(), "[]");
  });

  it("may be changed as editors do it: by a new file that takes the place of the old one (story 46)", async () => {
    await deploys("old", "old");

    place.write("hooks/.deploy.yml.swp", saying("new"));
    renameSync(join(place.folder, "hooks/.deploy.yml.swp"), join(place.folder, "hooks/deploy.yml"));
    await until("the new version runs", async () => (await said()) === "new");
  });

  it("may go with all others, and another one may come: the server goes on (story 46)", async () => {
    place.write("hooks/site/more.yml", "on: issues\nrun: echo more");
    await deploys("deploy", "deploy");

    const folder = join(place.folder, "hooks");
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    await until("no hook runs", async () => (await said()) === "nothing");
    assert.equal((await server.send({ event: "issues" })).status, 204);
    assert.equal(server.process.exitCode, null);

    place.write("hooks/other.yml", saying("other"));
    await until("the new hook runs", async () => (await said()) === "other");
  });
});

describe("a hook file", () => {
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

describe("the hooks folder of a running server", () => {
  it("may be the mount of a ConfigMap, and is swapped as one (story 46)", async (t) => {
    const place = workplace(t);
    const mount = join(place.folder, "hooks");
    mkdirSync(mount);
    writeConfigMap(mount, 1, { "deploy.yml": saying("one") });
    const server = await place.serve();
    const look = await lookInto(t, place);
    assert.equal(await whatIsSaid(server, look), "one");

    writeConfigMap(mount, 2, { "deploy.yml": saying("two") });
    rmSync(join(mount, "..1"), { recursive: true });
    await until("the second version runs", async () => (await whatIsSaid(server, look)) === "two");
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
