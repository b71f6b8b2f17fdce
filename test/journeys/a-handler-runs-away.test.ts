import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { ENDLESS, handlerText } from "../support/handlers.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { isRunning } from "../support/processes.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

const RUNAWAY = handlerText(`log.info(process.pid); ${ENDLESS}`);

describe("a handler in an endless loop", { concurrency: true }, () => {
  it("holds up no answer and no other run, and is killed when the server stops", async (t) => {
    const place = workplace(t, {
      files: {
        "hooks/endless.ts": RUNAWAY.replace('"push"', '"issues"'),
        "hooks/handler.ts": handlerText("log.info(payload.after);"),
        "hooks/script.yml": "on: push\nrun: echo $GITHUB_SHA",
      },
      environment: { LONGSHORE_STOP_GRACE: "0s" },
    });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const [endless] = runsOf(await server.send({ event: "issues" }));
    await look.reached(endless, "running");
    const pid = Number(await until("it has begun", async () => (await look.output(endless)) || undefined));

    const shas = Array.from({ length: 10 }, (_, n) => String(n).repeat(40));
    for (const sha of shas) {
      const runs = runsOf(await server.send({ body: pushPayload({ after: sha }) }));
      assert.equal(runs.length, 2);
      for (const run of runs) {
        await look.reached(run, "succeeded");
        assert.equal(await look.output(run), `${sha}\n`);
      }
    }
    assert.equal((await look.reached(endless, "running")).attempt, 1);
    assert.equal(isRunning(pid), true);

    await server.end("SIGTERM");
    assert.equal(isRunning(pid), false);
    await look.reached(endless, "queued");
  });

  it("does not outlive a server that is killed, and its run is tried again", async (t) => {
    const place = workplace(t, { files: { "hooks/endless.ts": RUNAWAY, "tmp/kept": "" } });
    place.environment.TMPDIR = join(place.folder, "tmp");
    const server = await place.serve();
    const look = await lookInto(t, place);
    const [run] = runsOf(await server.send());
    const pid = Number(await until("it has begun", async () => (await look.output(run)) || undefined));
    const folders = () => readdirSync(join(place.folder, "tmp")).filter((name) => name !== "kept");
    assert.equal(folders().length, 1);

    await server.end("SIGKILL");

    await until("its process is dead", () => !isRunning(pid));
    await until("its folder is gone", () => folders().length === 0);
    place.write("hooks/endless.ts", handlerText("log.info(env.LONGSHORE_ATTEMPT);"));
    await place.serve();
    await look.reached(run, "succeeded");
    assert.equal(await look.output(run), "2\n");
  });
});

describe("a handler file", () => {
  it("can be added, mended and changed while the server runs", async (t) => {
    const place = workplace(t, { files: { "hooks/_lib/greet.ts": `export const greet = () => "hello";` } });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const says = async (text: string) => {
      await until(`it says ${text}`, async () => {
        const answer = await server.send();
        if (answer.status !== 202) return false;
        const [run] = runsOf(answer);
        const { status } = await look.ended(run);
        return status === "succeeded" && (await look.output(run)) === `${text}\n`;
      });
    };
    const greeting = (body: string) => `import { greet } from "./_lib/greet.ts";\n${handlerText(body)}`;

    place.write("hooks/greet.ts", greeting("log.info(greet());"));
    await says("hello");
    place.write("hooks/greet.ts", greeting("log.info(greet("));
    await until("the mistake is told", () => /greet\.ts:\d+:\d+: error: syntax error/.test(server.stderr()));
    await says("hello");
    place.write("hooks/greet.ts", greeting("log.info(greet(), delivery.event);"));
    await says("hello push");
    place.write("hooks/_lib/greet.ts", `export const greet = () => "good morning";`);
    await says("good morning push");
  });
});
