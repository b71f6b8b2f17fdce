import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildEvents, formatEvents } from "../../scripts/build-events.ts";
import { loadSamples } from "../../src/github/samples.ts";
import { defaultTypesOf, EVENT_NAMES, filtersOf, typesOf, webhookOf } from "../../src/match/events.ts";
import { readText } from "../support/sources.ts";

describe("src/match/events.json", () => {
  it("is what `node scripts/build-events.ts` writes from the packages that are installed", () => {
    assert.equal(readText("src/match/events.json"), formatEvents(buildEvents()));
  });

  it("knows 75 webhook events and 37 triggers", () => {
    const { webhooks, triggers } = buildEvents();
    assert.deepEqual([Object.keys(webhooks).length, Object.keys(triggers).length], [75, 37]);
  });

  it("knows every event and action of GitHub's samples, save what is gone from GitHub", () => {
    const unknown = new Set(
      loadSamples()
        .filter(({ event, payload }) => {
          if (!EVENT_NAMES.includes(event)) return true;
          const types = typesOf(event);
          return types.length > 0 && !types.includes(String(payload.action));
        })
        .map(({ event, payload }) => `${event}.${payload.action}`),
    );
    assert.deepEqual([...unknown], []);
  });
});

describe("the webhook of a name in `on`", () => {
  const cases: [name: string, webhook: string | null][] = [
    ["push", "push"],
    ["pull_request_target", "pull_request"],
    ["pull_request_comment", "issue_comment"],
    ["star", "star"],
    ["schedule", null],
    ["workflow_call", null],
    ["image_version", null],
    ["of_tomorrow", "of_tomorrow"],
    ["constructor", "constructor"],
  ];
  for (const [name, webhook] of cases)
    it(`is ${webhook} for ${name}`, () => assert.equal(webhookOf(name), webhook));
});

describe("the filters of a name in `on`", () => {
  const onPullRequests = ["types", "branches", "branches-ignore", "paths", "paths-ignore"];
  const cases: [name: string, filters: string[] | undefined][] = [
    ["push", ["branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"]],
    ["pull_request", onPullRequests],
    ["pull_request_target", onPullRequests],
    ["workflow_run", ["types", "workflows", "branches", "branches-ignore"]],
    ["merge_group", ["types", "branches", "branches-ignore"]],
    ["issues", ["types"]],
    ["deployment", ["types"]],
    ["star", ["types"]],
    ["repository_dispatch", ["types"]],
    ["fork", []],
    ["of_tomorrow", undefined],
  ];
  for (const [name, filters] of cases)
    it(`are [${filters?.join(", ")}] for ${name}`, () =>
      assert.deepEqual(filtersOf(name)?.toSorted(), filters?.toSorted()));
});

describe("the types that a trigger without `types` takes", () => {
  const cases: [name: string, types: string[] | undefined][] = [
    ["pull_request", ["opened", "synchronize", "reopened"]],
    ["pull_request_target", ["opened", "synchronize", "reopened"]],
    ["merge_group", ["checks_requested"]],
    ["check_suite", ["completed"]],
    ["issues", undefined],
    ["release", undefined],
    ["workflow_run", undefined],
    ["project_column", undefined],
    ["star", undefined],
    ["of_tomorrow", undefined],
  ];
  for (const [name, types] of cases)
    it(`are ${types?.join(", ") ?? "all"} for ${name}`, () => assert.deepEqual(defaultTypesOf(name), types));

  it("leave out, of all triggers, only actions that Actions has no type for", () => {
    for (const name of EVENT_NAMES.filter((other) => !other.startsWith("pull_request"))) {
      const types = defaultTypesOf(name);
      if (types) assert.ok(types.length < typesOf(name).length, name);
    }
  });
});
