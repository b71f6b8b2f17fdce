import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Acceptance, acceptGroup, type PackedArrival } from "../../src/store/accept.ts";
import { tries } from "../support/database.ts";
import { openTestStore, type TestStore } from "../support/store.ts";

/** Few of everything, so that copies, replays and other senders' GUIDs meet all the time. */
const arrival = fc.record({
  guid: fc.constantFrom("a", "b", "c"),
  webhookId: fc.constantFrom(1, 2),
  source: fc.constantFrom("github", "other"),
  body: fc.constantFrom("x", "y", "z"),
  secret: fc.constantFrom("new", "old", null),
  hooks: fc.uniqueArray(fc.constantFrom("one", "two", "three")),
  holdReplays: fc.boolean(),
});
const groups = fc.array(fc.array(arrival, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });

/** What became of the arrivals, with deliveries and runs named for what they are, not for their numbers. */
async function outcome(
  { db }: TestStore,
  arrivals: readonly PackedArrival[],
  acceptances: readonly Acceptance[],
) {
  const runs = await db
    .selectFrom("runs")
    .innerJoin("deliveries", "deliveries.id", "runs.delivery_id")
    .select(["runs.id", "delivery_id", "hook", "source", "webhook_id"])
    .orderBy("runs.id")
    .execute();
  const hookOf = new Map(runs.map((run) => [run.id, run.hook]));
  const firsts = new Map<number, number>();
  return {
    answers: acceptances.map(({ delivery, runs: started, ...flags }, index) => {
      if (!firsts.has(delivery)) firsts.set(delivery, index);
      return { ...flags, first: firsts.get(delivery), started: started.map((id) => hookOf.get(id)) };
    }),
    runs: runs.map(({ hook, source, webhook_id }) => `${source} ${webhook_id} ${hook}`),
    arrivals: arrivals.length,
  };
}

describe("accepting in groups", () => {
  it("comes to the same as accepting one after the other, however they are grouped", async (t) => {
    const together = await openTestStore(t);
    const alone = await openTestStore(t);
    await fc.assert(
      fc.asyncProperty(groups, async (plan) => {
        for (const { db } of [together, alone]) {
          await db.deleteFrom("deliveries").execute();
          await db.deleteFrom("bodies_seen").execute();
        }
        const made = plan.map((group) => group.map((changes) => together.arrival(changes)));
        const all = made.flat();
        const inGroups: Acceptance[] = [];
        for (const group of made) inGroups.push(...(await acceptGroup(together.db, group)));
        const oneByOne: Acceptance[] = [];
        for (const one of all) oneByOne.push(...(await acceptGroup(alone.db, [one])));
        assert.deepEqual(await outcome(together, all, inGroups), await outcome(alone, all, oneByOne));
      }),
      { numRuns: tries(100) },
    );
  });
});
