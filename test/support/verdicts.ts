/** Hooks and deliveries as plain data, and what the one says of the other. */
import assert from "node:assert/strict";
import type { Check } from "../../src/match/filters.ts";
import type { Hook, Trigger } from "../../src/match/hook.ts";
import { type Incoming, judge } from "../../src/match/match.ts";
import { type Facts, readFacts } from "../../src/match/payload.ts";
import { pushPayload } from "./github.ts";

export const incoming = (event: string): Incoming => ({ source: "github", event });

/** The facts of a delivery that says nothing. */
export const NOTHING: Facts = readFacts("nothing", {});

export function hook(name: string, ...on: Trigger[]): Hook {
  return {
    name,
    file: `${name}.yml`,
    on,
    work: { kind: "script", script: "true", env: {}, timeoutMs: 60_000 },
  };
}

/** The checks of one hook with this trigger. */
export function checksOf(trigger: Trigger, event: string, facts: Partial<Facts>): Check[] {
  const [verdict] = judge(incoming(event), { ...NOTHING, ...facts }, [hook("deploy", trigger)]);
  assert.ok(verdict);
  assert.equal(
    verdict.matches,
    verdict.checks.every(({ passed }) => passed),
  );
  return verdict.checks;
}

/** The facts of a push of this ref. */
export const push = (ref: string, changes: object = {}) =>
  readFacts("push", { ...pushPayload({ ref }), ...changes });
