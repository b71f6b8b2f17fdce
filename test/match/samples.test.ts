/** What hooks as people write them say of GitHub's own samples. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkHookFile } from "../../src/config/hook-file.ts";
import { loadSamples } from "../../src/github/samples.ts";
import { EVENT_NAMES, webhookOf } from "../../src/match/events.ts";
import { judge } from "../../src/match/match.ts";
import { readFacts } from "../../src/match/payload.ts";
import { CONTEXT } from "../support/hooks.ts";
import { hook, incoming } from "../support/verdicts.ts";

/** How many of the samples match a hook with this `on`, by event and action. */
function matching(on: string): Record<string, number> {
  const { value, problems } = checkHookFile("h", "h.yml", `on: ${on}\nrun: x`, CONTEXT);
  assert.deepEqual(problems, []);
  const found = loadSamples()
    .filter(({ event, payload }) => {
      const [verdict] = judge(incoming(event), readFacts(event, payload), [value ?? assert.fail()]);
      return verdict?.matches;
    })
    .map(({ event, payload }) => (payload.action === undefined ? event : `${event}.${payload.action}`));
  return Object.fromEntries([...Map.groupBy(found, (name) => name)].map(([name, all]) => [name, all.length]));
}

/** How many samples there are of an event whose payload fits. */
function count(event: string, fits: (payload: Record<string, unknown>) => boolean): number {
  return loadSamples().filter((sample) => sample.event === event && fits(sample.payload)).length;
}

describe("the samples that a hook is for", () => {
  const pushes = count("push", ({ deleted }) => deleted !== true);
  const tags = count("push", ({ deleted, ref }) => deleted !== true && /^refs\/tags\//.test(String(ref)));
  const deletions = count("push", ({ deleted }) => deleted === true);

  it("are pushes, deletions only where they are asked for", () => {
    assert.ok(pushes > tags && tags > 0 && deletions > 0);
    assert.deepEqual(matching("push"), { push: pushes });
    assert.deepEqual(matching("{ push: { deleted: true } }"), { push: pushes + deletions });
    assert.deepEqual(matching("{ push: { branches: '**' } }"), { push: pushes - tags });
    assert.deepEqual(matching("{ push: { tags: '**' } }"), { push: tags });
    assert.deepEqual(matching("{ push: { branches: '**', tags: '**' } }"), { push: pushes });
    assert.deepEqual(matching("{ push: { branches-ignore: '**' } }"), {});
    assert.deepEqual(matching("{ push: { paths: [no/such/file] } }"), { push: pushes });
  });

  it("are pull requests that are opened, pushed to or opened again", () => {
    const opened = count("pull_request", ({ action }) => action === "opened");
    const types = Object.keys(matching("pull_request"));
    assert.deepEqual(types.toSorted(), [
      "pull_request.opened",
      "pull_request.reopened",
      "pull_request.synchronize",
    ]);
    assert.equal(matching("pull_request")["pull_request.opened"], opened);
    assert.deepEqual(matching("pull_request_target"), matching("pull_request"));
    assert.deepEqual(matching("{ pull_request: { types: closed } }"), {
      "pull_request.closed": count("pull_request", ({ action }) => action === "closed"),
    });
    assert.deepEqual(matching("{ pull_request: { branches: no-such-branch } }"), {});
  });

  it("are comments, of either kind", () => {
    const all = count("issue_comment", ({ action }) => action === "created");
    const onPullRequests = count(
      "issue_comment",
      ({ action, issue }) => action === "created" && Object.hasOwn(issue as object, "pull_request"),
    );
    assert.ok(all > onPullRequests);
    assert.equal(matching("{ issue_comment: { types: created } }")["issue_comment.created"], all);
    assert.deepEqual(
      matching("{ pull_request_comment: { types: created } }"),
      onPullRequests === 0 ? {} : { "issue_comment.created": onPullRequests },
    );
  });

  it("are workflow runs by the name of their workflow, save those from elsewhere", () => {
    const isOwn = ({ workflow_run: run, repository }: Record<string, unknown>) =>
      (run as { head_repository: { full_name: string } }).head_repository.full_name ===
      (repository as { full_name: string }).full_name;
    const runs = matching("workflow_run");
    const total = Object.values(runs).reduce((sum, number) => sum + number, 0);
    assert.ok(total > 0);
    assert.equal(total, count("workflow_run", isOwn));
    assert.deepEqual(matching("{ workflow_run: { workflows: test } }"), runs);
    assert.deepEqual(matching("{ workflow_run: { workflows: no such workflow } }"), {});
  });

  it("are, for every event that is known, all that have the types it takes by default", () => {
    const hooks = EVENT_NAMES.map((event) => hook(event, { event }));
    for (const { event, payload } of loadSamples()) {
      const facts = readFacts(event, payload);
      for (const { matches, hook: name, checks } of judge(incoming(event), facts, hooks)) {
        if (matches) assert.equal(webhookOf(name), event);
        else if (name === event)
          assert.ok(
            checks.some(({ passed, filter }) => !passed && /\.(types|deleted)$|^forks$/.test(filter)),
            event,
          );
      }
    }
  });
});
