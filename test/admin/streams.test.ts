/** What is new and what runs print, as it comes, and again after a break. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { acceptGroup } from "../../src/store/accept.ts";
import { cancelRun } from "../../src/store/control.ts";
import { appendOutput } from "../../src/store/output.ts";
import { finishRun, retryRun } from "../../src/store/run-ends.ts";
import type { ClaimedRun } from "../../src/store/run-queue.ts";
import { addToken, listTokens, revokeToken } from "../../src/store/tokens.ts";
import { type EventStream, startAdmin } from "../support/admin.ts";
import { until } from "../support/until.ts";

const admin = await startAdmin({ after });
const { db } = admin.store;

async function ready(stream: EventStream): Promise<EventStream> {
  await until("the stream is ready", () => stream.of("ready").length > 0);
  return stream;
}

function ids(stream: EventStream, event: string): number[] {
  return stream.of(event).map(({ data }) => data.id);
}

async function claim(): Promise<ClaimedRun> {
  const claimed = await admin.store.claim({ hooks: ["deploy"], limit: 1, now: Date.now(), leaseMs: 60_000 });
  const [run] = claimed;
  if (!run) throw new Error("nothing was claimed");
  return run;
}

function print(run: ClaimedRun, seq: number, text: string | Uint8Array): Promise<void> {
  const piece = { runId: run.id, attempt: run.attempt, seq, stream: "stdout" as const, at: Date.now() };
  return appendOutput(db, [{ ...piece, bytes: Buffer.from(text) }]);
}

async function end(run: ClaimedRun): Promise<void> {
  const outcome = { status: "succeeded", exitCode: 0, signal: null, reason: null } as const;
  await finishRun(db, { ...run, worker: "w1" }, outcome, Date.now());
}

describe("the stream of what is new", () => {
  it("tells of deliveries and of each state of their runs, in order", async () => {
    const stream = await ready(await admin.stream("/api/events"));
    const { delivery, runs } = await admin.deliver({ hooks: ["deploy"] });
    await until("the delivery is told", () => ids(stream, "delivery").includes(delivery));
    const run = await claim();
    const states = () =>
      stream
        .of("run")
        .filter(({ data }) => data.id === runs[0])
        .map(({ data }) => data.status);
    await until("it is running", () => states().includes("running"));
    await end(run);
    await until("it has ended", () => states().includes("succeeded"));
    assert.deepEqual(states(), ["queued", "running", "succeeded"]);
    stream.close();
  });

  it("tells of a run that is claimed and ended between two looks, and of one that never starts", async () => {
    const stream = await ready(await admin.stream("/api/events"));
    await admin.deliver({ hooks: ["deploy"] });
    const run = await claim();
    await end(run);
    await until("its end is told", () =>
      stream.of("run").some(({ data }) => data.id === run.id && data.status === "succeeded"),
    );
    const { runs } = await admin.deliver({ hooks: ["deploy"] });
    await cancelRun(db, runs[0] ?? 0, { reason: "test", now: Date.now() });
    await until("that it was cancelled is told", () =>
      stream.of("run").some(({ data }) => data.id === runs[0] && data.status === "cancelled"),
    );
    stream.close();
  });

  it("goes on where it was broken off, whatever has happened meanwhile", async () => {
    const first = await ready(await admin.stream("/api/events"));
    const before = await admin.deliver({ hooks: ["deploy"] });
    await until("it is told", () => ids(first, "delivery").includes(before.delivery));
    const lastId = first.events.findLast(({ id }) => id !== undefined)?.id ?? "";
    first.close();

    const missed = [await admin.deliver(), await admin.deliver()].map(({ delivery }) => delivery);
    const run = await claim();
    await end(run);
    const second = await ready(await admin.stream("/api/events", { headers: { "last-event-id": lastId } }));
    assert.deepEqual(
      ids(second, "delivery").filter((id) => id > before.delivery),
      missed,
    );
    assert.ok(second.of("run").some(({ data }) => data.id === run.id && data.status === "succeeded"));
    second.close();
  });

  it("says that too much has happened rather than telling all of it", async () => {
    const stream = await ready(await admin.stream("/api/events", { headers: { "last-event-id": "0.0.0" } }));
    assert.equal(stream.of("reset").length, 0);
    await acceptGroup(
      db,
      Array.from({ length: 501 }, () => admin.store.arrival()),
    );
    const late = await ready(await admin.stream("/api/events", { headers: { "last-event-id": "0.0.0" } }));
    assert.equal(late.of("reset").length, 1);
    assert.equal(late.of("delivery").length, 0);
    stream.close();
    late.close();
  });

  it("tells that hooks have changed", async () => {
    const stream = await ready(await admin.stream("/api/events"));
    admin.hooks.write("new.yml", "on: push\nrun: echo new\n");
    await admin.reload();
    await until("it is told", () => stream.of("hooks").length > 0);
    const { json } = await admin.ask("/api/hooks/new");
    assert.equal(json.text, "on: push\nrun: echo new\n");
    stream.close();
  });

  it("tells of what was changed over the API itself", async () => {
    const { runs } = await admin.deliver({ hooks: ["deploy"] });
    const stream = await ready(await admin.stream("/api/events"));
    await admin.ask(`/api/runs/${runs[0]}/cancel`, { method: "POST", body: {} });
    await until("it is told", () =>
      stream.of("run").some(({ data }) => data.id === runs[0] && data.status === "cancelled"),
    );
    stream.close();
  });
});

describe("the stream of a run's output", () => {
  it("brings what is there, what comes, and the end", async () => {
    await admin.deliver({ hooks: ["deploy"] });
    const run = await claim();
    await print(run, 0, "one\n");
    const stream = await admin.stream(`/api/runs/${run.id}/output/stream`);
    const text = () =>
      stream
        .of("output")
        .map(({ data }) => data.text)
        .join("");
    await until("what was there is told", () => text() === "one\n");
    await print(run, 1, "two\n");
    await until("what comes is told", () => text() === "one\ntwo\n");
    await print(run, 2, "three\n");
    await end(run);
    await until("it has ended", () => stream.hasEnded);
    assert.equal(text(), "one\ntwo\nthree\n");
    assert.equal(stream.of("end")[0]?.data.status, "succeeded");
  });

  it("goes on where it was broken off, in the middle of a character if need be", async () => {
    await admin.deliver({ hooks: ["deploy"] });
    const run = await claim();
    const euro = Buffer.from("€");
    await print(run, 0, Buffer.concat([Buffer.from("5 "), euro.subarray(0, 1)]));
    const first = await admin.stream(`/api/runs/${run.id}/output/stream`);
    await until("the beginning is told", () => first.of("output").length === 1);
    assert.equal(first.of("output")[0]?.data.text, "5 ");
    const id = first.of("output")[0]?.id ?? "";
    first.close();
    await print(run, 1, Buffer.concat([euro.subarray(1), Buffer.from("\n")]));
    await end(run);
    const headers = { "last-event-id": id };
    const second = await admin.stream(`/api/runs/${run.id}/output/stream`, { headers });
    await until("it has ended", () => second.hasEnded);
    assert.deepEqual(
      second.of("output").map(({ data }) => data.text),
      ["€\n"],
    );
  });

  it("is not begun again when all has been told", async () => {
    await admin.deliver({ hooks: ["deploy"] });
    const run = await claim();
    await end(run);
    const headers = { "last-event-id": "end" };
    const { status, text } = await admin.ask(`/api/runs/${run.id}/output/stream`, { headers });
    assert.deepEqual([status, text], [204, ""]);
  });

  it("has the output of the next attempt after that of the one before", async () => {
    await admin.deliver({ hooks: ["deploy"] });
    const first = await claim();
    await print(first, 0, "first\n");
    const stream = await admin.stream(`/api/runs/${first.id}/output/stream`);
    await until("it is told", () => stream.of("output").length === 1);
    const failed = { status: "failed", exitCode: 1, signal: null, reason: null } as const;
    const now = Date.now();
    await retryRun(db, { ...first, worker: "w1" }, failed, { dueAt: now, now });
    const second = await claim();
    assert.deepEqual([second.id, second.attempt], [first.id, 2]);
    await print(second, 0, "second\n");
    await end(second);
    await until("it has ended", () => stream.hasEnded);
    assert.deepEqual(
      stream.events.filter(({ event }) => event !== "run").map(({ event, data }) => data.text ?? event),
      ["first\n", "attempt", "second\n", "end"],
    );
  });
});

describe("a stream of somebody who may not any more", () => {
  it("ends within moments of the token's revocation", async () => {
    const made = await addToken(db, { name: "leaver", role: "viewer", createdBy: "test", now: 1 });
    const stream = await ready(await admin.stream("/api/events", { token: made?.token ?? "" }));
    const other = await ready(await admin.stream("/api/events"));
    await revokeToken(db, made?.id ?? 0, Date.now());
    await until("it has ended", () => stream.hasEnded);
    assert.equal(other.hasEnded, false);
    assert.ok((await listTokens(db)).some(({ revokedAt }) => revokedAt !== null));
    other.close();
  });
});

describe("many who watch", () => {
  it("are served by one look", async () => {
    const streams = await Promise.all(
      Array.from({ length: 20 }, async () => ready(await admin.stream("/api/events"))),
    );
    const { delivery } = await admin.deliver();
    await until("all are told", () => streams.every((stream) => ids(stream, "delivery").includes(delivery)));
    for (const stream of streams) stream.close();
  });
});
