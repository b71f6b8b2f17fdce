import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

describe("a hook that is disabled while the server runs", () => {
  it("matches nothing, keeps its queued runs waiting, and goes on when it is enabled", async (t) => {
    const place = workplace(t, {
      files: {
        "longshore.yml": "workers: 1",
        "hooks/busy.yml": "on: push\nrun: until [ -e ../open ]; do sleep 0.02; done\nworking-directory: .",
        "hooks/deploy.yml": "on: push\nrun: echo deployed",
        "hooks/other.yml": "on: push\nrun: echo other",
      },
    });
    const server = await place.serve();
    const look = await lookInto(t, place);
    assert.equal(runsOf(await server.send()).length, 3);
    const byHook = new Map((await look.runs()).map(({ hook, id }) => [hook, id]));
    await look.reached(byHook.get("busy"), "running");

    assert.equal((await place.json("hooks", "disable", "deploy")).queuedRuns, 1);
    const hooksOf = async () => (await look.deliveries()).at(-1)?.runs.map(({ hook }) => hook);
    await until("it matches no more", async () => {
      await server.send();
      return !(await hooksOf())?.includes("deploy");
    });
    assert.deepEqual(await hooksOf(), ["busy", "other"]);
    const { verdicts } = await place.json<{ verdicts: { hook: string; checks: { filter: string }[] }[] }>(
      "deliveries",
      "show",
      String((await look.deliveries()).at(-1)?.id),
    );
    assert.deepEqual(
      verdicts.find(({ hook }) => hook === "deploy")?.checks.map(({ filter }) => filter),
      ["disabled", "on"],
    );

    place.write("open", "");
    await look.ended(byHook.get("other"));
    await until("all others have ended", async () =>
      (await look.runs()).every(({ hook, finishedAt }) => hook === "deploy" || finishedAt !== null),
    );
    const waiting = (await look.runs()).filter(({ hook }) => hook === "deploy");
    assert.deepEqual(new Set(waiting.map(({ status }) => status)), new Set(["queued"]));

    await place.cli("hooks", "enable", "deploy");
    await look.reached(byHook.get("deploy"), "succeeded");
  });

  it("is still disabled after a restart", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" } });
    const first = await place.serve();
    await place.cli("hooks", "disable", "deploy");
    await first.end("SIGTERM");
    const second = await place.serve();
    assert.equal((await second.send()).status, 204);
  });
});
