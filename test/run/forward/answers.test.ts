import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { type Answer, findLastAnswer } from "../../../src/store/answers.ts";
import { forwardTo, ONCE, type Respond, startRawService, startService } from "../../support/far-side.ts";
import { until } from "../../support/until.ts";
import { startWorker } from "../../support/worker.ts";

const KEPT_BYTES = 64 * 1024;
const TOKEN = "hunter2-hunter2";

const work = await startWorker({ after }, { concurrency: 32, secrets: { TOKEN, KEY: "signed with this" } });

async function answerTo(run: number): Promise<Answer> {
  return (await findLastAnswer(work.store.db, run)) ?? assert.fail("no answer was kept");
}

function linesOf(output: string): string[] {
  return output.trimEnd().split("\n");
}

describe("the answer to a forwarded delivery", { concurrency: true }, () => {
  it("is kept: status, headers without cookies, and body; the output says what happened", async (t) => {
    const service = await startService(t, (response) => {
      const cookie = ["sid=1; HttpOnly", "b=2"];
      response.writeHead(201, {
        "X-Request-Id": "r1",
        "Set-Cookie": cookie,
        "X-Name": "Ünïcode".normalize(),
      });
      response.end("taken\u0007 ☃");
    });
    const run = await work.start(work.hook("", { ...ONCE, work: forwardTo(`${service.url}/in?key=abc`) }));
    const { status } = await work.ended(run);
    assert.equal(status, "succeeded");
    const { headers, body, isTruncated, ...rest } = await answerTo(run);
    assert.deepEqual(rest, { attempt: 1, status: 201 });
    assert.equal(isTruncated, false);
    assert.equal(Buffer.from(body).toString(), "taken\u0007 ☃");
    assert.deepEqual(
      headers.filter(([name]) => !["date", "connection", "transfer-encoding"].includes(name)),
      [
        ["x-request-id", "r1"],
        ["x-name", "Ünïcode"],
      ],
    );
    const [line, ...more] = linesOf(await work.output(run));
    assert.match(line ?? "", new RegExp(`^POST ${service.url}/in\\?… → 201 Created in [0-9.]+ m?s$`));
    assert.deepEqual(more, []);
  });

  it("that fails is kept too, and says why the run failed", async (t) => {
    const service = await startService(t, (response) => response.writeHead(422).end("no such project"));
    const run = await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url) }));
    const { status, reason } = await work.ended(run);
    assert.deepEqual([status, reason], ["failed", "answered 422 Unprocessable Entity"]);
    assert.equal(Buffer.from((await answerTo(run)).body).toString(), "no such project");
  });

  it("is kept without secrets, and without the signature, whoever sends back what came", async (t) => {
    const service = await startService(t, (response, { headers, body }) => {
      response.writeHead(400, { "X-Seen": headers.authorization ?? "" });
      response.end(JSON.stringify({ headers, key: "signed with this", body: body.toString() }));
    });
    const run = await work.start(
      work.hook("", {
        ...ONCE,
        work: forwardTo(service.url, {
          headers: { Authorization: "Bearer ${{ secrets.TOKEN }}" },
          secret: "${{ secrets.KEY }}",
        }),
      }),
    );
    await work.ended(run);
    const { headers, body } = await answerTo(run);
    const { headers: sent } = service.requests[0] ?? assert.fail();
    assert.deepEqual(
      headers.find(([name]) => name === "x-seen"),
      ["x-seen", "Bearer ***"],
    );
    const kept = Buffer.from(body).toString();
    assert.match(kept, /"authorization":"Bearer \*\*\*"/);
    assert.match(kept, /"x-hub-signature-256":"sha256=\*\*\*"/);
    for (const secret of [TOKEN, "signed with this", String(sent["x-hub-signature-256"]).slice(7)])
      assert.ok(!kept.includes(secret), secret);
  });

  it("is kept up to 64 KiB, never with half a secret at the cut", async (t) => {
    const service = await startService(t, (response) => {
      response.write("x".repeat(KEPT_BYTES - 7));
      response.end(`${TOKEN} and more`);
    });
    const headers = { Authorization: "${{ secrets.TOKEN }}" };
    const run = await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url, { headers }) }));
    assert.equal((await work.ended(run)).status, "succeeded");
    const { body, isTruncated } = await answerTo(run);
    assert.equal(isTruncated, true);
    assert.equal(Buffer.from(body).toString(), `${"x".repeat(KEPT_BYTES - 7)}*** and`);
  });

  it("that never ends is not read to its end", async (t) => {
    let closed = false;
    const service = await startService(t, (response) => {
      response.on("close", () => {
        closed = true;
      });
      const more = () => {
        while (!closed && response.write("y".repeat(KEPT_BYTES)));
        response.once("drain", more);
      };
      more();
    });
    const run = await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url) }));
    assert.equal((await work.ended(run)).status, "succeeded");
    await until("the connection is cut", () => closed);
    const { body, isTruncated } = await answerTo(run);
    assert.deepEqual([body.length, isTruncated], [KEPT_BYTES, true]);
    assert.match(await work.output(run), /the answer's body is not kept as a whole: it is larger\n$/);
  });

  it("counts by its status, also when its body breaks off", async (t) => {
    const service = await startService(t, (response, _, count) => {
      response.writeHead(count === 1 ? 200 : 500, { "content-length": 100 });
      response.write("half", () => response.destroy());
    });
    for (const expected of ["succeeded", "failed"]) {
      const run = await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url) }));
      assert.equal((await work.ended(run)).status, expected);
      const { body, isTruncated } = await answerTo(run);
      assert.deepEqual([Buffer.from(body).toString(), isTruncated], ["half", true]);
      assert.match(await work.output(run), /is not kept as a whole: the connection was lost\n$/);
    }
  });

  it("counts by its status, also when its body takes too long", async (t) => {
    const service = await startService(t, (response) => void response.writeHead(200).write("slow"));
    const run = await work.start(
      work.hook("", { ...ONCE, work: forwardTo(service.url, { answerTimeoutMs: 3_000 }) }),
    );
    assert.equal((await work.ended(run)).status, "succeeded");
    assert.equal((await answerTo(run)).isTruncated, true);
    assert.match(await work.output(run), /is not kept as a whole: no answer within 3\.0 s\n$/);
  });

  it("that is compressed is not kept: no secret could be found in it", async (t) => {
    const service = await startService(t, (response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("something")),
    );
    const run = await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url) }));
    await work.ended(run);
    const { body, isTruncated } = await answerTo(run);
    assert.deepEqual([body.length, isTruncated], [0, true]);
    assert.match(await work.output(run), /is not kept as a whole: it is compressed\n$/);
  });

  it("that says too early that it has had enough counts as well", async (t) => {
    const service = await startRawService(t, (_, response) => void response.writeHead(413).end("too large"));
    const run = await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url) }));
    assert.equal((await work.ended(run)).reason, "answered 413 Payload Too Large");
  });

  it("that points elsewhere is not followed (story 43)", async (t) => {
    const elsewhere = await startService(t);
    for (const status of [301, 302, 303, 307, 308]) {
      const service = await startService(t, (response) =>
        response.writeHead(status, { location: `${elsewhere.url}/meta-data?token=x` }).end(),
      );
      const run = await work.ended(
        await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url) })),
      );
      assert.match(
        run.reason ?? "",
        new RegExp(`^answered ${status} .*${elsewhere.url}/meta-data\\?…: redirects`),
      );
    }
    assert.deepEqual(elsewhere.requests, []);
  });
});

describe("a forward that is tried again", { concurrency: true }, () => {
  const retry = { maxAttempts: 3, backoffMs: 0, maxBackoffMs: 0 };

  it("sends the same bytes every time, with a fresh signature (story 44)", async (t) => {
    const service = await startService(t, (response, _, count) =>
      response.writeHead(count < 3 ? 503 : 200).end(),
    );
    const hook = work.hook("", {
      ...ONCE,
      work: forwardTo(service.url, { secret: "${{ secrets.KEY }}", sign: "standard-webhooks" }),
      retry,
    });
    const { status, attempt } = await work.ended(await work.start(hook));
    assert.deepEqual([status, attempt], ["succeeded", 3]);
    const [first, ...others] = service.requests;
    assert.ok(first && first.body.length > 100);
    for (const { body, headers } of others) {
      assert.deepEqual(body, first.body);
      const { "webhook-timestamp": _, "webhook-signature": signature, ...rest } = headers;
      const { "webhook-timestamp": __, "webhook-signature": ___, ...before } = first.headers;
      assert.match(String(signature), /^v1,/);
      assert.deepEqual(rest, before);
    }
  });

  it("has an answer for each attempt that got one; the newest is shown", async (t) => {
    const service = await startService(t, (response, _, count) =>
      response.writeHead(500).end(`answer ${count}`),
    );
    const run = await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url), retry }));
    await work.ended(run);
    const kept = await work.store.db
      .selectFrom("answers")
      .select(["attempt", "status"])
      .where("run_id", "=", run)
      .execute();
    assert.deepEqual(
      kept.map(({ attempt, status }) => [attempt, status]),
      [
        [1, 500],
        [2, 500],
        [3, 500],
      ],
    );
    assert.equal(Buffer.from((await answerTo(run)).body).toString(), "answer 3");
  });

  it("is tried again without being told to", async (t) => {
    const service = await startService(t, (response) => response.writeHead(503).end());
    const run = await work.start(work.hook("", { work: forwardTo(service.url) }));
    await until("it waits", async () => {
      const { attempt, status } = await work.find(run);
      return attempt === 1 && status === "queued";
    });
  });

  it("waits as long as the other side has asked for", async (t) => {
    const service = await startService(t, (response) =>
      response.writeHead(429, { "Retry-After": "3600" }).end(),
    );
    const before = Date.now();
    const run = await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url), retry }));
    await until(
      "it waits",
      async () => (await work.find(run)).attempt === 1 && (await work.find(run)).status === "queued",
    );
    const { due_at } = await work.store.db
      .selectFrom("runs")
      .select("due_at")
      .where("id", "=", run)
      .executeTakeFirstOrThrow();
    assert.ok(due_at >= before + 3_600_000);
  });

  for (const [status, attempts] of [
    [404, 1],
    [301, 1],
    [408, 3],
    [500, 3],
  ] as const)
    it(`is tried ${attempts === 1 ? "once" : "again"} when the answer is ${status}`, async (t) => {
      const respond: Respond = (response) => response.writeHead(status, { location: "/x" }).end();
      const service = await startService(t, respond);
      const { attempt } = await work.ended(
        await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url), retry })),
      );
      assert.equal(attempt, attempts);
      assert.equal(service.requests.length, attempts);
    });

  it("runs `on-failure` in the end", async (t) => {
    const service = await startService(t, (response) => response.writeHead(500).end());
    const hook = work.hook("", {
      ...ONCE,
      work: forwardTo(service.url, { env: { WHO: "me" }, shell: "sh" }),
      onFailure: 'echo "$LONGSHORE_STATUS $WHO:$LONGSHORE_EXIT_CODE"',
    });
    const { status, stdout } = await work.ended(await work.start(hook));
    assert.deepEqual([status, stdout], ["failed", "failed me:\n"]);
  });
});
