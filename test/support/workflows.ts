/** Triggers of GitHub Actions against a real server: what they have to run for, and what not. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { findRun } from "../../src/store/runs.ts";
import { type DeliveryOptions, sample } from "./github.ts";
import { type Look, lookInto, runsOf } from "./look.ts";
import { type TestServer, workplace } from "./server.ts";

type Payload = Record<string, unknown>;
export type Delivery = DeliveryOptions & { event: string };

/** What a workflow has up to its `jobs`, and the deliveries that decide whether it means here what it means there. */
export interface Workflow {
  on: string;
  /** By what the script prints: the event, its action and the short ref. */
  runs: Record<string, Delivery>;
  /** By what is wrong with them. */
  ignores: Record<string, Delivery>;
}

/** In the place of `jobs`, the only thing that is changed. */
const RUN = 'run: echo "$GITHUB_EVENT_NAME,$LONGSHORE_ACTION,$GITHUB_REF_NAME"\n';

/**
 * Loads them all, each with a script for its jobs, and sends each the deliveries that it tells of. Whatever else is
 * loaded runs as well, so what is for nearly everything should not be among what is for little.
 */
export async function assertTriggers(t: TestContext, workflows: Record<string, Workflow>): Promise<void> {
  const all = Object.entries(workflows);
  const files = all.map(([, { on }], index) => [`hooks/${index}.yml`, `${on}${RUN}`]);
  const place = workplace(t, { files: Object.fromEntries(files) });
  assert.deepEqual((await place.json("check")).problems, []);
  const server = await place.serve();
  const look = await lookInto(t, place);
  const tests = all.map(([name, { runs, ignores }], index) =>
    t.test(name, async () => {
      const print = (delivery: Delivery) => printed(server, look, String(index), delivery);
      const expected = Object.keys(runs).map((said) => [`${said}\n`]);
      assert.deepEqual(await Promise.all(Object.values(runs).map(print)), expected);
      for (const [what, delivery] of Object.entries(ignores))
        assert.deepEqual(await print(delivery), [], what);
    }),
  );
  await Promise.all(tests);
}

/** What the runs of this hook print, of all that the delivery starts. */
async function printed(server: TestServer, look: Look, hook: string, delivery: Delivery): Promise<string[]> {
  const answer = await server.send(delivery);
  if (answer.status === 204) return [];
  assert.equal(answer.status, 202, answer.text);
  const own: string[] = [];
  for (const id of runsOf(answer)) {
    if ((await findRun(look.store.db, id))?.hook !== hook) continue;
    assert.equal((await look.ended(id)).status, "succeeded");
    own.push(await look.output(id));
  }
  return own;
}

/** GitHub's sample, with changes, unlike any other body. */
export function of(event: string, action?: string, changes: Payload = {}): Delivery {
  return { event, body: { ...sample(event, action), ...changes, unique: randomUUID() } };
}

export function push(ref: string, changes: Payload = {}): Delivery {
  return pushOf(ref, ["src/index.js"], "Make it work", changes);
}

/** A push of one commit that changes these files. */
export function pushOf(
  ref: string,
  files: string[],
  message = "Make it work",
  changes: Payload = {},
): Delivery {
  const id = "c".repeat(40);
  const commit = { id, message, added: [], removed: [], modified: files };
  const pushed = { ref, after: id, created: false, deleted: false, commits: [commit], head_commit: commit };
  return of("push", undefined, { ...pushed, ...changes });
}

export function pullRequest(
  action: string,
  { base = "master", fork = false }: { base?: string; fork?: boolean } = {},
): Delivery {
  const pullRequest = sample("pull_request", "opened").pull_request as Record<"base" | "head", Payload>;
  const repo = { ...(pullRequest.head.repo as Payload), ...(fork && { full_name: "mallory/Hello-World" }) };
  return of("pull_request", "opened", {
    action,
    pull_request: {
      ...pullRequest,
      base: { ...pullRequest.base, ref: base },
      head: { ...pullRequest.head, repo },
    },
  });
}

export function issue(action: string): Delivery {
  return of("issues", "opened", { action });
}

export function workflowRun(
  action: string,
  name: string,
  branch: string,
  head = "octo-org/octo-repo",
): Delivery {
  const {
    workflow,
    workflow_run: run,
    repository,
  } = sample("workflow_run", action) as Record<string, Payload>;
  return of("workflow_run", action, {
    workflow: { ...workflow, name },
    workflow_run: { ...run, name, head_branch: branch, head_repository: { full_name: head } },
    repository: { ...repository, full_name: "octo-org/octo-repo" },
  });
}
