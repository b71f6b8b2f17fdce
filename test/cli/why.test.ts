import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { toHookSet } from "../../src/config/hook-set.ts";
import type { Hook } from "../../src/match/hook.ts";
import { disableHook } from "../../src/store/disabled-hooks.ts";
import { keepHookSet } from "../../src/store/hook-sets.ts";
import { appendOutput } from "../../src/store/output.ts";
import { keepRefusals } from "../../src/store/refusals.ts";
import { finishRun } from "../../src/store/run-ends.ts";
import { claimRuns, type Outcome } from "../../src/store/run-queue.ts";
import { pushPayload } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { pushHook } from "../support/receiver.ts";
import { workplace } from "../support/server.ts";
import { type StoredOptions, storeDelivery } from "../support/store-delivery.ts";

const AT = Date.parse("2026-11-24T08:00:00.000Z");
const GUID = "3f2d0c4a-1c7c-11f0-8d0b-6c1ed3a08a11";
const SHA = "abcdef0123456789abcdef0123456789abcdef01";
const WORKER = "elsewhere/1/abcd";
const DEPLOY = pushHook("deploy", { on: [{ event: "push", branches: ["main"] }] });
const CI = pushHook("ci", { on: [{ event: "push", branches: ["dev"] }] });
const FILES = {
  "hooks/deploy.yml": "on:\n  push:\n    branches: main\nrun: make",
  "hooks/ci.yml": "on:\n  push:\n    branches: dev\nrun: make",
};
const SUCCESS: Outcome = { status: "succeeded", exitCode: 0, signal: null, reason: null };

const ARRIVED =
  "Delivery 1 (push, acme/site, refs/heads/main, commit abcdef0, by alice) arrived at 2026-11-24 08:00:00 UTC.";
const OTHERS = "  ci does not match: push.branches: `main` matches none of [dev].";

async function setUp(t: TestContext, hooks: readonly Hook[] = [DEPLOY, CI]) {
  const place = workplace(t, { files: FILES });
  const { store } = await lookInto(t, place);
  const hookSet = await keepHookSet(store.db, toHookSet(hooks));
  return {
    place,
    db: store.db,
    /** A push of {@link SHA} to main, unless it says otherwise. */
    push: (changes: object = {}, options: StoredOptions = {}) =>
      storeDelivery(store, {
        payload: pushPayload({ after: SHA, ...changes }),
        receivedAt: AT,
        hookSet,
        ...options,
      }),
    /** Begins the hook's oldest run that waits; ends it. */
    async perform(hook: string, outcome?: Outcome, printed = "") {
      const claim = { worker: WORKER, hooks: [hook], limit: 1, now: AT + 1_000, leaseMs: 1 };
      const [run] = await claimRuns(store.db, claim);
      assert.ok(run);
      const piece = { runId: run.id, attempt: 1, seq: 0, stream: "stdout", at: AT } as const;
      if (printed !== "") await appendOutput(store.db, [{ ...piece, bytes: Buffer.from(printed) }]);
      if (outcome) await finishRun(store.db, { ...run, worker: WORKER }, outcome, AT + 3_400);
    },
    async why(...args: string[]): Promise<string[]> {
      const { code, stdout, stderr } = await place.cli("why", ...args);
      assert.equal(code, 0, stderr);
      return stdout.trimEnd().split("\n");
    },
  };
}

describe("why", { concurrency: 2 }, () => {
  it("tells of a run that failed: its exit code, the end of its output, and what to type", async (t) => {
    const { push, perform, why } = await setUp(t);
    await push({}, { hooks: ["deploy"] });
    const printed = `${[1, 2, 3, 4, 5].map((n) => `line ${n}`).join("\n")}\nno \u001B[2Jkey\n`;
    await perform("deploy", { ...SUCCESS, status: "failed", exitCode: 3 }, printed);
    assert.deepEqual(await why("abcdef0"), [
      ARRIVED,
      "  deploy matches.",
      "  Run 1 of deploy failed at 2026-11-24 08:00:03 UTC with exit code 3.",
      "  The last that it printed:",
      ...[2, 3, 4, 5].map((n) => `    | line ${n}`),
      "    | no ␛[2Jkey",
      OTHERS,
      "",
      "Next: npx longshore runs logs 1",
    ]);
  });

  it("tells of runs that succeeded, are being performed, or failed for a reason", async (t) => {
    const { push, perform, why } = await setUp(t, []);
    await push({}, { hooks: ["a", "b", "c"] });
    await perform("a", SUCCESS);
    await perform("b");
    await perform("c", { ...SUCCESS, status: "failed", exitCode: null, reason: "timed out after 1 minute" });
    const lines = await why(SHA);
    assert.deepEqual(lines.slice(1, 4), [
      "  Run 1 of a succeeded at 2026-11-24 08:00:03 UTC, after 2.4 s.",
      "  Run 2 of b has been running since 2026-11-24 08:00:01 UTC.",
      "  Run 3 of c failed at 2026-11-24 08:00:03 UTC: timed out after 1 minute.",
    ]);
    assert.deepEqual(await why(SHA, "--hook", "b"), [
      ARRIVED,
      "  Run 2 of b has been running since 2026-11-24 08:00:01 UTC.",
      "",
      "Next: npx longshore runs logs 2 --follow",
    ]);
  });

  it("points at what still runs, not at what is over", async (t) => {
    const { push, perform, why } = await setUp(t, []);
    await push({}, { hooks: ["a", "b", "c"] });
    await perform("a", SUCCESS);
    await perform("b");
    await perform("c", SUCCESS);
    assert.equal((await why(SHA)).at(-1), "Next: npx longshore runs logs 2 --follow");
  });

  it("tells what a queued run waits for", async (t) => {
    const { push, perform, why, db } = await setUp(t, [DEPLOY]);
    await push({}, { hooks: ["deploy"] });
    const waiting = async (hook = "deploy") => {
      const lines = await why(SHA, "--hook", hook);
      return [lines.find((line) => line.includes("waiting"))?.split("UTC: ")[1], lines.at(-1)];
    };
    const show = "Next: npx longshore runs show 1";
    assert.deepEqual(await waiting(), [
      "for a server: none is performing anything (`longshore serve`).",
      show,
    ]);

    await push({ after: "0".repeat(40) }, { hooks: ["ci"] });
    await perform("ci");
    assert.deepEqual(await waiting(), ["for a free worker; 1 is at work.", show]);

    await disableHook(db, "deploy", AT);
    assert.deepEqual(await waiting(), ["its hook is disabled.", "Next: npx longshore hooks enable deploy"]);

    await push({}, { hooks: ["gone"] });
    assert.deepEqual((await waiting("gone"))[0], "its hook's file is gone, so it will fail.");
  });

  it("tells of a hook whose file has a mistake, so that nobody performs its run", async (t) => {
    const { place, push, why } = await setUp(t, [DEPLOY]);
    await push({}, { hooks: ["deploy"] });
    place.write("hooks/deploy.yml", "on: push\nruns: make");
    assert.match((await why(SHA))[2] ?? "", /: its hook's file has a mistake \(`longshore check`\)\.$/);
  });

  it("tells of a delivery that no hook is for, and how to ask today's hooks", async (t) => {
    const { push, why } = await setUp(t);
    await push({ ref: "refs/heads/feature/x" });
    assert.deepEqual(await why("feature/x"), [
      ARRIVED.replace("main", "feature/x"),
      "  deploy does not match: push.branches: `feature/x` matches none of [main].",
      "  ci does not match: push.branches: `feature/x` matches none of [dev].",
      "",
      "Next: npx longshore explain --delivery 1",
    ]);
  });

  it("tells of a hook that matches only because nobody knows which files have changed", async (t) => {
    const { place, push, why } = await setUp(t, [
      pushHook("code", { on: [{ event: "push", paths: ["src/**"] }] }),
    ]);
    await push({ forced: true }, { hooks: ["code"] });
    assert.deepEqual((await why(SHA)).slice(1, 3), [
      "  code matches.",
      "    push.paths: which files have changed is not known (the push was forced), so any of them may match.",
    ]);
    assert.partialDeepStrictEqual(await place.json("why", SHA), {
      deliveries: [{ hooks: [{ checks: [{}, { filter: "push.paths", undecided: true }] }] }],
    });
  });

  it("tells of a replay that is held back, and of the new try after a redelivery", async (t) => {
    const { push, perform, why, db } = await setUp(t, [DEPLOY]);
    await push({}, { guid: GUID, hooks: ["deploy"] });
    await perform("deploy", { ...SUCCESS, status: "failed", exitCode: 1 });
    await push({}, { guid: GUID, hooks: ["deploy"] });
    assert.match(
      (await why(GUID))[3] ?? "",
      /^ {2}Run 2 of deploy, which tries run 1 again after a redelivery, has been waiting/,
    );

    await db.updateTable("deliveries").set({ replayed: 1 }).execute();
    const lines = await why(GUID);
    assert.match(lines[1] ?? "", /^ {2}It is held back and starts nothing: the same body had come before/);
    assert.equal(lines[2], "  deploy matches, and is held back.");
  });

  it("tells that nothing has arrived, what was refused, and what came last", async (t) => {
    const { push, why, db } = await setUp(t);
    assert.deepEqual(await why("main"), [
      "Nothing of the branch or tag main has arrived.",
      "No delivery has ever arrived.",
      "If GitHub has sent it, the webhook's Recent Deliveries on GitHub say what it was answered.",
      "",
      "Next: npx longshore deliveries refused",
    ]);
    await push();
    const refusal = {
      at: AT,
      source: "github",
      code: "signature_mismatch",
      peer: "203.0.113.9",
      event: "push",
    };
    await keepRefusals(db, [
      { ...refusal, guid: GUID, webhookId: null },
      { ...refusal, guid: GUID.replace("3", "4"), webhookId: null },
    ]);
    assert.deepEqual(await why(GUID), [
      `Nothing with the GUID ${GUID} has arrived.`,
      "A request that claims this GUID came to the source github at 2026-11-24 08:00:00 UTC from 203.0.113.9 and was refused: signature_mismatch.",
      `What came last of all: ${ARRIVED.replace(" arrived at", ", at")}`,
      "",
      "Next: npx longshore deliveries refused",
    ]);
    assert.equal((await why("deadbeef"))[0], "Nothing of the commit deadbeef has arrived.");
  });

  it("narrows down by hook and repository, and knows a mistyped hook from a new one", async (t) => {
    const { push, why, place } = await setUp(t, [DEPLOY]);
    await push({ ref: "refs/heads/dev" });
    const other = { full_name: "acme/other", default_branch: "main" };
    await push({ ref: "refs/heads/dev", repository: other });
    assert.deepEqual(
      (await why("dev", "--repo", "acme/other")).filter((line) => line.startsWith("Delivery")).length,
      1,
    );
    assert.deepEqual((await why("dev", "--hook", "ci", "--repo", "acme/site")).slice(1), [
      "  There was no such hook then, so it started nothing.",
      "",
      "Next: npx longshore explain --delivery 1",
    ]);
    const { code, stderr } = await place.cli("why", "dev", "--hook", "deplot");
    assert.equal(code, 2);
    assert.match(stderr, /^There is no hook "deplot" in hooks\. Did you mean "deploy"\?/);
  });

  it("finds a branch that looks like a commit, in the newest deliveries first, a few of them", async (t) => {
    const { push, why } = await setUp(t, [DEPLOY]);
    for (let n = 0; n < 7; n++) await push({ ref: "refs/heads/deadbeef" });
    const found = (await why("deadbeef")).flatMap((line) => /^Delivery (\d+)/.exec(line)?.[1] ?? []);
    assert.deepEqual(found, ["7", "6", "5", "4", "3"]);
  });

  it("says when the hooks of the time were not kept", async (t) => {
    const { push, why } = await setUp(t);
    await push({}, { hookSet: undefined });
    assert.deepEqual((await why(SHA)).slice(1), ["  Which hooks judged it was not kept."]);
  });

  it("prints one JSON document", async (t) => {
    const { push, place } = await setUp(t, [DEPLOY]);
    await push({}, { guid: GUID, hooks: ["deploy"] });
    const { items } = await place.json<{ items: object[] }>("deliveries", "list");
    const runs = await place.json<{ items: object[] }>("runs", "list");
    assert.deepEqual(await place.json("why", SHA.slice(0, 10)), {
      asked: SHA.slice(0, 10),
      kind: "commit",
      deliveries: [
        {
          ...items[0],
          sha: SHA,
          byHand: false,
          judged: true,
          hooks: [
            {
              hook: "deploy",
              matches: true,
              checks: [
                { filter: "on", passed: true, reason: "the event is `push`" },
                { filter: "push.branches", passed: true, reason: "`main` matches [main]" },
              ],
              runs: [{ ...runs.items[0], lastLines: [] }],
            },
          ],
        },
      ],
      refused: [],
      last: items[0],
      next: "longshore runs show 1",
    });
  });
});
