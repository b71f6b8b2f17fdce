import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { loadSamples, type Sample } from "../../src/cli/samples.ts";
import type { Hook, Trigger } from "../../src/match/hook.ts";
import { judgeBody } from "../../src/match/judge-body.ts";
import type { Verdict } from "../../src/match/match.ts";
import { judgeStored, verdictsOf } from "../../src/store/verdicts.ts";
import { storedDeliveries } from "../support/contract.ts";
import { delivery, FROM_GITHUB } from "../support/github.ts";
import { fetchRaw } from "../support/http.ts";
import { pushHook, startReceiver } from "../support/receiver.ts";

const AT_ONCE = 16;
const EVENTS = [...new Set(loadSamples().map(({ event }) => event))];
const ACTIONS = [...new Set(loadSamples().flatMap(({ payload }) => String(payload.action ?? "none")))];
const PATTERNS = ["main", "master", "**", "changes", "!main", "release*", "[a-m]*", "*/*"];

const list = (values: readonly string[]) =>
  fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 4 });

const trigger: fc.Arbitrary<Trigger> = fc.record(
  { event: fc.constantFrom(...EVENTS), types: list(ACTIONS), branches: list(PATTERNS) },
  { requiredKeys: ["event"] },
);

const hooks: fc.Arbitrary<Hook[]> = fc
  .array(
    fc.record({
      on: fc.uniqueArray(trigger, { minLength: 1, maxLength: 12, selector: ({ event }) => event }),
      disabled: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) => all.map((changes, index) => pushHook(`hook-${index}`, changes)));

/** Hooks that between them let everything in, a part, and nothing. */
const CHOSEN: readonly Hook[] = [
  pushHook("all", { on: EVENTS.map((event) => ({ event })) }),
  pushHook("opened", { on: EVENTS.map((event) => ({ event, types: ["opened", "created"] })) }),
  pushHook("main", { on: EVENTS.map((event) => ({ event, branches: ["ma*"] })) }),
  pushHook("none", { on: [{ event: "no_such_event" }] }),
  pushHook("off", { on: EVENTS.map((event) => ({ event })), disabled: true }),
];

/** What `explain` says of a file with this payload. */
function explained({ event, payload }: Sample, judges: readonly Hook[]): Verdict[] {
  const body = Buffer.from(JSON.stringify(payload));
  return judgeBody({ event, source: "github", contentType: "json", body }, judges).verdicts;
}

describe("what `explain` says of every sample of GitHub's", () => {
  it("is what the receiver stores, whatever the hooks are, and what is shown of it later", async (t) => {
    // Some samples are equal, so the receiver has to know that it is GitHub who sends them.
    const receiver = await startReceiver(t, { trustProxyIsExplicit: true });
    const samples = loadSamples();
    assert.equal(samples.length, 329);
    const judgedBy = new Map<string, { sample: Sample; judges: readonly Hook[] }>();
    const sets = [CHOSEN, ...fc.sample(hooks, { numRuns: 4, seed: 42 })];
    for (const judges of sets) {
      receiver.hooks = judges;
      const waiting = samples.map((sample) => ({
        sample,
        outgoing: delivery({ event: sample.event, body: sample.payload, headers: FROM_GITHUB }),
      }));
      for (const { sample, outgoing } of waiting) judgedBy.set(outgoing.guid, { sample, judges });
      const sendOn = async () => {
        for (let next = waiting.pop(); next; next = waiting.pop())
          await fetchRaw(receiver.url, next.outgoing);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sendOn));
    }

    const stored = await storedDeliveries(receiver);
    assert.equal(stored.length, samples.length * sets.length);
    let started = 0;
    for (const row of stored) {
      const { sample, judges } = judgedBy.get(row.guid) ?? assert.fail();
      const verdicts = explained(sample, judges);
      const matching = verdicts.filter(({ matches }) => matches).map(({ hook }) => hook);
      assert.deepEqual(new Set(row.runs.map(({ hook }) => hook)), new Set(matching), sample.event);
      assert.deepEqual(await verdictsOf(receiver.db, row), verdicts, sample.event);
      assert.deepEqual(await judgeStored(receiver.db, row, CHOSEN), explained(sample, CHOSEN), sample.event);
      started += matching.length;
    }
    assert.ok(started > samples.length, "hardly anything has matched: this proves nothing");
  });
});
