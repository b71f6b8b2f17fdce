import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { loadSamples, type Sample } from "../../src/github/samples.ts";
import type { Hook, Trigger } from "../../src/match/hook.ts";
import { judgeBody } from "../../src/match/judge-body.ts";
import type { Verdict } from "../../src/match/match.ts";
import { judgeStored, verdictsOf } from "../../src/store/verdicts.ts";
import { storedDeliveries } from "../support/contract.ts";
import { delivery, FROM_GITHUB, pushPayload } from "../support/github.ts";
import { fetchRaw } from "../support/http.ts";
import { pushHook, startReceiver } from "../support/receiver.ts";

const AT_ONCE = 16;
const SOURCES = ["github", "contractors"] as const;
/** Beside the events that samples are of, two names for parts of them. */
const EVENTS = [
  ...new Set(loadSamples().map(({ event }) => event)),
  "pull_request_target",
  "pull_request_comment",
];
const ACTIONS = [...new Set(loadSamples().flatMap(({ payload }) => String(payload.action ?? "none")))];
const PATTERNS = ["main", "master", "**", "changes", "!main", "release*", "[a-m]*", "*/*", "simple-tag"];
const PATHS = ["**", "src/**", "*.md", "!src/old/**", "docs/*"];
const REPOSITORIES = ["codertocat/*", "*/hello-world", "octo*/**", "!Codertocat/*", "acme/site"];
const WORKFLOWS = ["test", "Manually triggered workflow", "CI"];

const AFTER = "a".repeat(40);
const touching = (...files: string[]) => [{ id: AFTER, added: [], removed: [], modified: files }];

/** No sample of a push lists its files or says what to skip, and no sample of a comment is on a pull request. */
const MADE: readonly Sample[] = [
  { event: "push", payload: pushPayload({ after: AFTER, commits: touching("src/index.ts", "README.md") }) },
  { event: "push", payload: pushPayload({ after: AFTER, commits: touching("README.md") }) },
  { event: "push", payload: pushPayload({ after: AFTER, commits: touching() }) },
  { event: "push", payload: pushPayload({ ref: "refs/tags/v1.0", head_commit: { message: "[skip ci]" } }) },
  { event: "issue_comment", payload: pushPayload({ action: "created", issue: { pull_request: {} } }) },
];

const list = (values: readonly string[]) =>
  fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 4 });

const trigger: fc.Arbitrary<Trigger> = fc.record(
  {
    event: fc.constantFrom(...EVENTS),
    types: list(ACTIONS),
    branches: list(PATTERNS),
    "branches-ignore": list(PATTERNS),
    tags: list(PATTERNS),
    "tags-ignore": list(PATTERNS),
    paths: list(PATHS),
    "paths-ignore": list(PATHS),
    workflows: list(WORKFLOWS),
    deleted: fc.boolean(),
  },
  { requiredKeys: ["event"] },
);

const hooks: fc.Arbitrary<Hook[]> = fc
  .array(
    fc.record(
      {
        on: fc.uniqueArray(trigger, { minLength: 1, maxLength: 12, selector: ({ event }) => event }),
        source: fc.constantFrom(...SOURCES),
        repositories: list(REPOSITORIES),
        forks: fc.constant("run" as const),
        disabled: fc.boolean(),
      },
      { requiredKeys: ["on"] },
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) => all.map((changes, index) => pushHook(`hook-${index}`, changes)));

const onAll = (filters: Omit<Trigger, "event"> = {}): Trigger[] =>
  EVENTS.map((event) => ({ event, ...filters }));

/** Hooks that between them let everything in, a part, and nothing. */
const CHOSEN: readonly Hook[] = [
  pushHook("all", { on: onAll(), forks: "run" }),
  pushHook("opened", { on: onAll({ types: ["opened", "created"] }) }),
  pushHook("main", { on: onAll({ branches: ["ma*"] }) }),
  pushHook("not-main", { on: onAll({ "branches-ignore": ["ma*"] }) }),
  pushHook("tagged", { on: onAll({ tags: ["**"], deleted: true }) }),
  pushHook("branches", { on: onAll({ branches: ["**"], "tags-ignore": ["v*"] }) }),
  pushHook("code", { on: onAll({ paths: ["src/**"] }) }),
  pushHook("more-than-text", { on: onAll({ "paths-ignore": ["**.md"] }) }),
  pushHook("tests", { on: onAll({ workflows: ["test"] }) }),
  pushHook("contractors", { on: onAll(), source: "contractors" }),
  pushHook("hello", { on: onAll(), repositories: ["*/hello-world"] }),
  pushHook("none", { on: [{ event: "no_such_event" }] }),
  pushHook("off", { on: onAll(), disabled: true }),
];

/** What each of these says yes to at one time and no at another; the filter's name without the event. */
const DECIDED = [
  ...["on", "source", "repositories", "forks", "deleted", "types", "workflows", "pull_request_comment"],
  ...["branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"],
];

interface Sent extends Sample {
  source: string;
}

/** What `explain` says of a file with this payload. */
function explained({ event, payload, source }: Sent, judges: readonly Hook[]): Verdict[] {
  const body = Buffer.from(JSON.stringify(payload));
  return judgeBody({ source, event, contentType: "json", body }, judges).verdicts;
}

describe("what `explain` says of every sample of GitHub's", () => {
  it("is what the receiver stores, whatever the hooks are, and what is shown of it later", async (t) => {
    // Some samples are equal, so the receiver has to know that it is GitHub who sends them.
    const receiver = await startReceiver(t, {
      trustProxyIsExplicit: true,
      sources: [{ name: "contractors" }],
    });
    assert.equal(loadSamples().length, 329);
    const samples = [...loadSamples(), ...MADE];
    const judgedBy = new Map<string, { sent: Sent; judges: readonly Hook[] }>();
    const sets = [CHOSEN, ...fc.sample(hooks, { numRuns: 4, seed: 42 })];
    for (const [round, judges] of sets.entries()) {
      receiver.hooks = judges;
      const waiting = samples.map(({ event, payload }, index) => {
        const source = SOURCES[(index + round) % SOURCES.length] ?? "github";
        const outgoing = delivery({ event, body: payload, path: `/${source}`, headers: FROM_GITHUB });
        judgedBy.set(outgoing.guid, { sent: { event, payload, source }, judges });
        return outgoing;
      });
      const sendOn = async () => {
        for (let next = waiting.pop(); next; next = waiting.pop()) await fetchRaw(receiver.url, next);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sendOn));
    }

    const stored = await storedDeliveries(receiver);
    assert.equal(stored.length, samples.length * sets.length);
    const answers = new Set<string>();
    let started = 0;
    for (const row of stored) {
      const { sent, judges } = judgedBy.get(row.guid) ?? assert.fail();
      const verdicts = explained(sent, judges);
      const matching = verdicts.filter(({ matches }) => matches).map(({ hook }) => hook);
      assert.deepEqual(new Set(row.runs.map(({ hook }) => hook)), new Set(matching), sent.event);
      assert.deepEqual(await verdictsOf(receiver.db, row), verdicts, sent.event);
      const today = explained(sent, CHOSEN);
      assert.deepEqual(await judgeStored(receiver.db, row, CHOSEN), today, sent.event);
      for (const { filter, passed, undecided } of today.flatMap(({ checks }) => checks))
        answers.add(`${filter.replace(/^.*\./, "")} ${undecided ? "undecided" : passed}`);
      started += matching.length;
    }
    assert.ok(started > samples.length, "hardly anything has matched: this proves nothing");
    const expected = DECIDED.flatMap((filter) => [`${filter} true`, `${filter} false`]);
    const others = ["disabled false", "skip false", "paths undecided", "paths-ignore undecided"];
    assert.deepEqual(new Set([...expected, ...others]).difference(answers), new Set());
  });
});
