import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Retry } from "../../src/match/hook.ts";
import { pauseBeforeRetry } from "../../src/run/retry.ts";
import type { Outcome } from "../../src/store/run-queue.ts";

const RETRY: Retry = { maxAttempts: 5, backoffMs: 1_000, maxBackoffMs: 6_000 };

const exit = (exitCode: number): Outcome => ({ status: "failed", exitCode, signal: null, reason: null });
const longest = (failures: number, retry = RETRY) =>
  pauseBeforeRetry(exit(1), retry, failures, () => 1 - Number.EPSILON);

describe("the pause before another attempt", () => {
  it("is at most the backoff, twice as much after each failure, and never more than the limit", () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((failures) => longest(failures)),
      [1_000, 2_000, 4_000, 6_000],
    );
  });

  it("is anything from nothing to that, by chance", () => {
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(unit, fc.integer({ min: 1, max: 4 }), (chance, failures) => {
        const pause = pauseBeforeRetry(exit(1), RETRY, failures, () => chance) ?? -1;
        assert.ok(pause >= 0 && pause <= (longest(failures) ?? 0));
      }),
    );
    assert.equal(
      pauseBeforeRetry(exit(1), RETRY, 1, () => 0),
      0,
    );
  });

  it("is not over before the other side has said it may come back", () => {
    const busy = { ...exit(1), retryAfterMs: 90_000 };
    assert.equal(pauseBeforeRetry(busy, RETRY, 1), 90_000);
  });
});

describe("another attempt", () => {
  const isMade = (outcome: Outcome, retry: Retry | undefined, failures = 1) =>
    pauseBeforeRetry(outcome, retry, failures) !== undefined;

  it("is made until there have been as many as the hook says", () => {
    assert.deepEqual(
      [1, 2, 4, 5, 6].map((failures) => isMade(exit(1), RETRY, failures)),
      [true, true, true, false, false],
    );
  });

  it("is not made for a hook that says nothing of retries, whatever the exit code", () => {
    assert.equal(isMade(exit(75), undefined), false);
  });

  it("is made for the exit codes that the hook names, and always for 75", () => {
    const some = { ...RETRY, on: [3, 4] };
    assert.deepEqual(
      [3, 4, 75, 1].map((code) => isMade(exit(code), some)),
      [true, true, true, false],
    );
    const killed: Outcome = { status: "failed", exitCode: null, signal: "SIGKILL", reason: "timed out" };
    assert.deepEqual([isMade(killed, some), isMade(killed, RETRY)], [false, true]);
  });

  it("is not made when it would end like this one, nor after anything but a failure", () => {
    assert.equal(isMade({ ...exit(1), isHopeless: true }, RETRY), false);
    for (const status of ["succeeded", "cancelled", "skipped"] as const)
      assert.equal(isMade({ ...exit(1), status }, RETRY), false);
  });
});
