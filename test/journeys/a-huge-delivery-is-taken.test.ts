import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DeliveryOptions, delivery, pushPayload } from "../support/github.ts";
import { type Answer, talk } from "../support/http.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { peakMemory } from "../support/processes.ts";
import { workplace } from "../support/server.ts";

const LIMIT = 25 * 1024 ** 2;
/** Far above what one such body needs, far below what an unbounded reader would take for many. */
const MUCH_MEMORY_MIB = 700;
/** GitHub hangs up after ten. */
const SOON_MS = 5_000;
const FILES = { "hooks/size.yml": 'on: push\nrun: wc -c < "$GITHUB_EVENT_PATH"' };

describe("a delivery of 25 MiB", () => {
  it("is taken within a bound of memory, reaches its script, and holds up no other (stories 8, 26)", async (t) => {
    const place = workplace(t, { files: FILES });
    const server = await place.serve();
    const look = await lookInto(t, place);

    let isTaken = false;
    const huge = server.send({ body: bodyOf(LIMIT) }).finally(() => {
      isTaken = true;
    });
    let slowest = 0;
    while (!isTaken) {
      const start = performance.now();
      assert.equal((await server.send({ event: "issues", body: pushPayload() })).status, 204);
      slowest = Math.max(slowest, performance.now() - start);
    }

    const [run] = runsOf(await huge);
    await look.reached(run, "succeeded");
    assert.equal((await look.output(run)).trim(), String(LIMIT));
    assert.ok(slowest < SOON_MS, `a small delivery waited ${slowest} ms`);
    const peak = peakMemory(server.process.pid);
    assert.ok(peak === undefined || peak < MUCH_MEMORY_MIB, `the server needed ${peak} MiB`);
  });
});

describe("a delivery of one byte more", () => {
  it("is refused before its body is sent, when it says how large it is (story 8)", async (t) => {
    const place = workplace(t, { files: FILES });
    const server = await place.serve();

    const answer = await talk(server.url, [requestHead({ "content-length": String(LIMIT + 1) })]);

    assertTooLarge(answer);
    assert.deepEqual(await (await lookInto(t, place)).deliveries(), []);
  });

  it("is refused before it has ended, when it does not say how large it is (stories 8, 9)", async (t) => {
    const place = workplace(t, { files: FILES });
    const server = await place.serve();
    const head = requestHead({ "transfer-encoding": "chunked" });
    const chunk = `${LIMIT.toString(16)}\r\n${"x".repeat(LIMIT)}\r\n`;

    const answer = await talk(server.url, [head, chunk, "1\r\nx\r\n"]);

    assertTooLarge(answer);
    assert.deepEqual(await (await lookInto(t, place)).deliveries(), []);
    const peak = peakMemory(server.process.pid);
    assert.ok(peak === undefined || peak < MUCH_MEMORY_MIB, `the server needed ${peak} MiB`);
  });
});

/** A push whose JSON is exactly this long. */
function bodyOf(bytes: number): string {
  const empty = JSON.stringify(pushPayload({ padding: "" }));
  return empty.replace('"padding":""', `"padding":"${"x".repeat(bytes - empty.length)}"`);
}

function requestHead(changes: DeliveryOptions["headers"]): string {
  const { headers = {} } = delivery({ headers: changes });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /github HTTP/1.1\r\nhost: localhost\r\n${lines.join("")}\r\n`;
}

function assertTooLarge(answer: string): void {
  assert.match(answer, /^HTTP\/1\.1 413 /);
  const body: Answer["json"] = JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1));
  assert.equal((body as { error: { code: string } }).error.code, "body_too_large");
}
