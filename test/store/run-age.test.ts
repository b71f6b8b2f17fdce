import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { sql } from "kysely";
import { type Age, ageIn, isOlder, isOlderInSql } from "../../src/store/run-age.ts";
import { openTestStore } from "../support/store.ts";

const run = (delivery_id: number, received_at: number, pushed_at: number | null) => ({
  delivery_id,
  received_at,
  pushed_at,
});

describe("isOlder", () => {
  for (const [what, mine, theirs, older] of [
    [
      "the push that GitHub took in earlier is older, whenever it came",
      run(9, 90, 1_000),
      run(1, 10, 2_000),
      true,
    ],
    [
      "the push that GitHub took in later is not, whenever it came",
      run(1, 10, 2_000),
      run(9, 90, 1_000),
      false,
    ],
    ["of pushes within one second the one that came earlier is", run(2, 10, 1_000), run(1, 20, 1_000), true],
    [
      "of pushes that do not say when, the one that came earlier is",
      run(2, 20, null),
      run(1, 10, 5_000),
      false,
    ],
    [
      "of what came at the same moment the one that was stored earlier is",
      run(1, 10, null),
      run(2, 10, null),
      true,
    ],
    ["a run is not older than another for the same delivery", run(1, 10, 1_000), run(1, 10, 1_000), false],
  ] as const)
    it(what, () => assert.equal(isOlder(mine, theirs), older));
});

describe("isOlderInSql", () => {
  it("says the same of any two", async (t) => {
    const { db } = await openTestStore(t);
    const few = fc.integer({ min: 1, max: 3 });
    const age = fc.record({
      delivery_id: few,
      received_at: few,
      pushed_at: fc.option(few),
    });
    const asRow = ({ delivery_id, received_at, pushed_at }: Age) =>
      sql`select ${sql.lit(delivery_id)} as delivery_id, ${sql.lit(received_at)} as received_at, cast(${sql.lit(pushed_at)} as integer) as pushed_at`;
    await fc.assert(
      fc.asyncProperty(age, age, async (one, other) => {
        const { rows } = await sql<{
          older: unknown;
        }>`select ${isOlderInSql(ageIn("one"), ageIn("other"))} as older
          from (${asRow(one)}) as one cross join (${asRow(other)}) as other`.execute(db);
        assert.equal(Boolean(rows[0]?.older), isOlder(one, other));
      }),
      { numRuns: 300 },
    );
  });
});
