import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { lookInto, runsOf } from "../support/look.ts";
import { isRunning } from "../support/processes.ts";
import { type TestServer, type Workplace, workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

describe("a server that is asked to stop", { concurrency: true }, () => {
  it("takes no new deliveries, lets the run end, and goes", async (t) => {
    const place = workplace(t);
    place.write("hooks/deploy.yml", waitsFor(place, "go"));
    const server = await place.serve();
    const look = await lookInto(t, place);
    const [run] = runsOf(await server.send());
    await look.reached(run, "running");

    const ended = server.end("SIGTERM");
    await saysThatItStops(server);
    await assert.rejects(server.send(), { code: /^ECONN(REFUSED|RESET)$/ });
    place.write("go", "");

    assert.deepEqual(await ended, { code: 0, signal: null });
    const { attempt } = await look.reached(run, "succeeded");
    assert.deepEqual([attempt, await look.output(run)], [1, "done\n"]);
    assert.equal((await look.deliveries()).length, 1);
  });

  it("gives a run back when stop-grace has passed, which is no interruption, and runs it when it starts again", async (t) => {
    const place = workplace(t, { environment: { LONGSHORE_STOP_GRACE: "100ms" } });
    place.write("hooks/deploy.yml", waitsFor(place, "go"));
    const server = await place.serve();
    const look = await lookInto(t, place);
    const [run] = runsOf(await server.send());
    await look.reached(run, "running");

    assert.deepEqual(await server.end("SIGTERM"), { code: 0, signal: null });
    const { reason } = await look.reached(run, "queued");
    assert.equal(reason, "handed back by a stopping server");

    place.write("go", "");
    await place.serve();
    assert.equal((await look.reached(run, "succeeded")).attempt, 2);
    const { interruptions } = await look.store.db
      .selectFrom("runs")
      .select("interruptions")
      .executeTakeFirstOrThrow();
    assert.equal(interruptions, 0);
  });

  it("ends at once when it is asked again a second later, but not when a terminal says it twice", async (t) => {
    const place = workplace(t);
    place.write("hooks/deploy.yml", "on: push\nrun: |\n  echo $$\n  sleep 300");
    const server = await place.serve();
    const look = await lookInto(t, place);
    const [run] = runsOf(await server.send());
    const script = await until("the script runs", async () => Number(await look.output(run)) || undefined);
    assert.equal(isRunning(script), true);

    const start = performance.now();
    const ended = server.end("SIGINT");
    await saysThatItStops(server);
    await until("one of many more signals ends it", () => {
      server.process.kill("SIGINT");
      return server.process.exitCode !== null;
    });
    assert.ok(performance.now() - start > 1_000);
    assert.deepEqual(await ended, { code: 1, signal: null });
    await until("the script is dead", () => !isRunning(script));
    await look.reached(run, "running");
  });
});

function waitsFor({ folder }: Workplace, file: string): string {
  return `on: push\nrun: |\n  until [ -e ${join(folder, file)} ]; do sleep 0.05; done\n  echo done`;
}

function saysThatItStops(server: TestServer): Promise<boolean> {
  return until("the server says that it stops", () => server.stderr().includes("Stopping"));
}
