import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { appendOutput } from "../../src/store/output.ts";
import { finishRun, rescueRuns, retryRun } from "../../src/store/run-ends.ts";
import { type ClaimedRun, claimRuns, type Outcome } from "../../src/store/run-queue.ts";
import type { OutputStream } from "../../src/store/tables.ts";
import { lookInto } from "../support/look.ts";
import { type Workplace, workplace } from "../support/server.ts";
import { type StoredOptions, storeDelivery } from "../support/store-delivery.ts";
import { until } from "../support/until.ts";

interface ListJson {
  items: { id: number; [name: string]: unknown }[];
  next: string | null;
}

const AT = Date.parse("2026-11-24T08:00:00.000Z");
const FAR = Date.parse("2999-01-01T00:00:00.000Z");
const HOUR = 3_600_000;
const SUCCESS: Outcome = { status: "succeeded", exitCode: 0, signal: null, reason: null };

interface Runs {
  place: Workplace;
  queue(hook: string, delivery?: StoredOptions): Promise<number>;
  /** Begins the next attempt of a hook's oldest run that waits. */
  begin(hook: string, at?: number): Promise<void>;
  print(run: number, stream: OutputStream, bytes: string | Uint8Array, attempt?: number): Promise<void>;
  /** Loses the worker of all that runs. */
  interrupt(): Promise<void>;
  /** Ends the attempt that has begun last. */
  end(outcome?: Outcome): Promise<void>;
  /** The same, with another attempt to come. */
  retryLater(outcome: Outcome, dueAt: number): Promise<void>;
}

async function runsIn(t: TestContext): Promise<Runs> {
  const place = workplace(t);
  const { store } = await lookInto(t, place);
  const worker = "elsewhere/1/abcd";
  let seq = 0;
  let claimed: ClaimedRun | undefined;
  return {
    place,
    async queue(hook, delivery = {}) {
      const { runs } = await storeDelivery(store, { receivedAt: AT, ...delivery, hooks: [hook] });
      return runs[0] ?? 0;
    },
    async begin(hook, now = AT + 1_000) {
      [claimed] = await claimRuns(store.db, { worker, hooks: [hook], limit: 1, now, leaseMs: 60_000 });
    },
    async print(runId, stream, bytes, attempt = 1) {
      const piece = { runId, attempt, seq: seq++, stream, at: AT, bytes: Buffer.from(bytes) };
      await appendOutput(store.db, [piece]);
    },
    async interrupt() {
      await rescueRuns(store.db, AT, [worker]);
    },
    async retryLater(outcome, dueAt) {
      const held = { ...(claimed ?? assert.fail()), worker };
      await retryRun(store.db, held, outcome, { dueAt, now: AT + 1_500 });
    },
    async end(outcome = SUCCESS) {
      await finishRun(store.db, { ...(claimed ?? assert.fail()), worker }, outcome, AT + 3_400);
    },
  };
}

describe("runs list", { concurrency: 2 }, () => {
  it("prints each run as an object of exactly these members, the newest first", async (t) => {
    const { place, queue, begin, end } = await runsIn(t);
    await queue("deploy");
    await begin("deploy");
    await end({ status: "failed", exitCode: 3, signal: null, reason: "because" });
    await queue("deploy");

    assert.deepEqual(await place.json("runs", "list"), {
      items: [
        {
          ...{ id: 2, hook: "deploy", deliveryId: 2, status: "queued", reason: null, attempt: 0 },
          ...{ exitCode: null, queuedAt: "2026-11-24T08:00:00.000Z", startedAt: null, finishedAt: null },
          durationMs: null,
        },
        {
          ...{ id: 1, hook: "deploy", deliveryId: 1, status: "failed", reason: "because", attempt: 1 },
          ...{ exitCode: 3, queuedAt: "2026-11-24T08:00:00.000Z", startedAt: "2026-11-24T08:00:01.000Z" },
          ...{ finishedAt: "2026-11-24T08:00:03.400Z", durationMs: 2_400 },
        },
      ],
      next: null,
    });

    const { stdout } = await place.cli("runs", "list");
    assert.deepEqual(
      stdout.split("\n").map((line) => line.split(/ {2,}/)),
      [
        ["ID", "HOOK", "STATUS", "DELIVERY", "QUEUED (UTC)", "TOOK", "EXIT", "REASON"],
        ["2", "deploy", "queued", "2", "2026-11-24 08:00:00", "–", "–", "–"],
        ["1", "deploy", "failed", "1", "2026-11-24 08:00:00", "2.4 s", "3", "because"],
        [""],
      ],
    );
  });

  it("can be narrowed down by each of its filters, and comes in pages", async (t) => {
    const { place, queue, begin, end } = await runsIn(t);
    const wanted = await queue("deploy", { source: "partner" });
    await begin("deploy");
    await end();
    const payload = { repository: { full_name: "acme/other", default_branch: "dev" } };
    for (const hours of [-1, 1])
      await queue("triage", { event: "issues", payload, receivedAt: AT + hours * HOUR });

    const ids = async (...args: string[]) => {
      const { items, next } = await place.json<ListJson>("runs", "list", ...args);
      return [items.map(({ id }) => id), next];
    };
    const filters = [
      ["--hook", "deploy"],
      ["--status", "succeeded"],
      ["--delivery", String(wanted)],
      ["--source", "partner"],
      ["--event", "push"],
      ["--repo", "acme/site"],
      ["--ref", "main"],
      ["--since", "2026-11-24T08:00:00Z", "--until", "2026-11-24T08:00:01Z"],
    ];
    const found = filters.map(async (filter) => [filter, await ids(...filter)] as const);
    for (const [filter, result] of await Promise.all(found))
      assert.deepEqual(result, [[wanted], null], filter.join(" "));

    assert.deepEqual(await ids("--limit", "2"), [[3, 2], "2"]);
    assert.deepEqual(await ids("--limit", "2", "--after", "2"), [[1], null]);
  });

  it("says that there are none", async (t) => {
    const { place } = await runsIn(t);
    assert.equal((await place.cli("runs", "list")).stdout, "No runs.\n");
  });
});

describe("runs show", { concurrency: 2 }, () => {
  it("prints one run, for people with all that is known of it", async (t) => {
    const { place, queue, begin, end } = await runsIn(t);
    await queue("deploy");
    await begin("deploy");
    await end({
      status: "failed",
      exitCode: null,
      signal: "SIGKILL",
      reason: "ended by SIGKILL",
    });

    const { items } = await place.json<ListJson>("runs", "list");
    assert.deepEqual(await place.json("runs", "show", "1"), {
      ...items[0],
      ...{ signal: "SIGKILL", dueAt: "2026-11-24T08:00:00.000Z", retryOf: null, askedBy: null },
      attempts: [
        {
          ...{ attempt: 1, outcome: "failed", exitCode: null, signal: "SIGKILL", reason: "ended by SIGKILL" },
          ...{ startedAt: "2026-11-24T08:00:01.000Z", finishedAt: "2026-11-24T08:00:03.400Z" },
        },
      ],
      ...{ annotations: [], summary: null },
    });
    const { stdout } = await place.cli("runs", "show", "1");
    assert.equal(
      stdout,
      [
        ...["run        1", "hook       deploy", "status     failed", "reason     ended by SIGKILL"],
        ...["delivery   1", "attempt    1", "exit code  –", "signal     SIGKILL"],
        ...["queued     2026-11-24T08:00:00.000Z", "started    2026-11-24T08:00:01.000Z"],
        ...["finished   2026-11-24T08:00:03.400Z", "took       2.4 s", "retry of   –"],
        ...["asked by   –", ""],
        ...["What it printed: npx longshore runs logs 1", ""],
      ].join("\n"),
    );
  });

  it("tells of every attempt, and when the next one is due", async (t) => {
    const { place, queue, begin, retryLater } = await runsIn(t);
    await queue("deploy");
    await begin("deploy");
    await retryLater({ status: "failed", exitCode: 75, signal: null, reason: null }, AT + 2_000);
    await begin("deploy", AT + 2_000);
    await retryLater({ status: "failed", exitCode: null, signal: null, reason: "timed out" }, FAR);
    const { stdout } = await place.cli("runs", "show", "1");
    const [head = "", attempts = ""] = stdout.split("\nattempts\n");
    assert.match(head, /\nstatus {5}queued\nreason {5}timed out\n/);
    assert.match(head, /\ndue {8}2999-01-01T00:00:00\.000Z\n/);
    assert.equal(
      attempts.split("\n\n")[0],
      [
        "  1  2026-11-24T08:00:01.000Z  failed: exit code 75",
        "  2  2026-11-24T08:00:02.000Z  failed: timed out",
      ].join("\n"),
    );
  });

  it("says that there is no such run", async (t) => {
    const { place } = await runsIn(t);
    const { code, stderr } = await place.cli("runs", "show", "7");
    assert.equal(code, 2);
    assert.match(stderr, /^There is no run 7\./);
  });
});

describe("runs logs", { concurrency: 2 }, () => {
  it("prints what a run has printed, and on standard error how it ended", async (t) => {
    const { place, queue, begin, print, end } = await runsIn(t);
    const run = await queue("deploy");
    await begin("deploy");
    await print(run, "stdout", "one\n");
    await print(run, "stderr", "two\n");
    await end();
    const { code, stdout, stderr } = await place.cli("runs", "logs", "1");
    assert.deepEqual([code, stdout], [0, "one\ntwo\n"]);
    assert.equal(stderr, "run 1 (deploy): succeeded, exit code 0, 2.4 s\n");
    const { output, attempt } = await place.json("runs", "logs", "1");
    const at = "2026-11-24T08:00:00.000Z";
    assert.deepEqual(output, [
      { stream: "stdout", at, text: "one\n" },
      { stream: "stderr", at, text: "two\n" },
    ]);
    assert.equal(attempt, 1);
  });

  it("keeps colours, and shows every other control character as a symbol (story 42)", async (t) => {
    const { place, queue, begin, print } = await runsIn(t);
    const run = await queue("deploy");
    await begin("deploy");
    await print(run, "stdout", "\u001B[31mred\u001B[0m\ttab\r\n\u001B[2Jcleared\u0007 \u202Eturned\u2069\n");
    const { stdout } = await place.cli("runs", "logs", "1");
    assert.equal(stdout, "\u001B[31mred\u001B[0m\ttab\n␛[2Jcleared␇ <U+202E>turned<U+2069>\n");
  });

  it("joins characters that were split, and shows what is no UTF-8 (story 38)", async (t) => {
    const { place, queue, begin, print } = await runsIn(t);
    const run = await queue("deploy");
    await begin("deploy");
    await print(run, "stdout", Buffer.from("caf\xc3", "latin1"));
    await print(run, "stderr", "[other]");
    await print(run, "stdout", Buffer.from("\xa9 \xff \xe2\x82", "latin1"));
    const { stdout } = await place.cli("runs", "logs", "1");
    assert.equal(stdout, "caf[other]é \uFFFD \uFFFD");
    const { output } = await place.json<{ output: { text: string }[] }>("runs", "logs", "1");
    assert.deepEqual(
      output.map(({ text }) => text),
      ["caf", "[other]", "é \uFFFD \uFFFD"],
    );
  });

  it("follows a run from when it still waits until it has ended, through all its attempts", async (t) => {
    const { place, queue, begin, print, interrupt, end } = await runsIn(t);
    const run = await queue("deploy");
    const following = place.start("runs", "logs", "1", "--follow");
    const isSeen = (text: string) => until(`${text} is seen`, () => following.stdout().endsWith(text));
    await begin("deploy");
    await print(run, "stdout", "first\n");
    await isSeen("first\n");
    await print(run, "stdout", "first goes on\n");
    await isSeen("first goes on\n");
    await interrupt();
    await begin("deploy");
    await print(run, "stdout", "second\n", 2);
    await isSeen("second\n");
    await end();
    assert.deepEqual(await following.ended, { code: 0, signal: null });
    assert.equal(following.stdout(), "first\nfirst goes on\nsecond\n");
    assert.match(following.stderr(), /succeeded/);
  });

  it("prints the last attempt, and an earlier one when it is asked to", async (t) => {
    const { place, queue, begin, print, interrupt, end } = await runsIn(t);
    const run = await queue("deploy");
    for (const attempt of [1, 2]) {
      if (attempt > 1) await interrupt();
      await begin("deploy");
      await print(run, "stdout", `attempt ${attempt}\n`, attempt);
    }
    await end();
    assert.equal((await place.cli("runs", "logs", "1")).stdout, "attempt 2\n");
    assert.equal((await place.cli("runs", "logs", "1", "--attempt", "1")).stdout, "attempt 1\n");
  });
});
