import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { lookInto, runsOf } from "./support/look.ts";
import { workplace } from "./support/server.ts";
import { until } from "./support/until.ts";

const FILES = { "hooks/deploy.yml": "on: push\nrun: echo deployed" };

describe("the server", () => {
  it("takes deliveries while its worker cannot start, and starts it again until it can", async (t) => {
    const place = workplace(t, { files: FILES });
    // Runs have their folders there, so the worker ends as soon as it looks for what others have left.
    place.environment.TMPDIR = join(place.folder, "not-there-yet");
    const server = await place.serve();
    const look = await lookInto(t, place);
    await until("the worker has died", () => server.stderr().includes("the worker has died"));

    const [run] = runsOf(await server.send());
    assert.equal((await look.reached(run, "queued")).attempt, 0);
    mkdirSync(place.environment.TMPDIR);

    assert.equal((await look.reached(run, "succeeded")).attempt, 1);
    assert.deepEqual(await server.end("SIGTERM"), { code: 0, signal: null });
  });

  it("stops also while its worker is dead", async (t) => {
    const place = workplace(t, { files: FILES });
    place.environment.TMPDIR = join(place.folder, "not-there");
    const server = await place.serve();
    await until("the worker has died", () => server.stderr().includes("the worker has died"));
    assert.deepEqual(await server.end("SIGTERM"), { code: 0, signal: null });
  });
});
