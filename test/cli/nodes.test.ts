import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { HookVersion } from "../../src/config/hook-versions.ts";
import { listNodes, type NodeSelf, noteNode } from "../../src/store/nodes.ts";
import { type Look, lookInto } from "../support/look.ts";
import { type Workplace, workplace } from "../support/server.ts";

const HOUR_MS = 3_600_000;
const STARTED = Date.parse("2026-11-24T08:00:00Z");

async function setUp(t: TestContext): Promise<{ place: Workplace; look: Look }> {
  const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: make" } });
  return { place, look: await lookInto(t, place) };
}

/** A node that was seen `seenMs` ago, with hooks as `deploy@1`. */
async function note({ store }: Look, name: string, role: string, hooks: string[], seenMs = 0): Promise<void> {
  const self: NodeSelf = {
    name,
    roles: role.split(" "),
    version: "1.0.0",
    hooksFolder: "/hooks",
    startedAt: STARTED,
  };
  const versions: HookVersion[] = hooks.map((hook) => {
    const [hookName = "", version = "1"] = hook.split("@");
    return { name: hookName, version };
  });
  const now = Date.now() - seenMs;
  await noteNode(store.db, self, { hooks: { versions, readAt: now }, now });
}

describe("nodes", { concurrency: 2 }, () => {
  it("says who is there, who is gone, and what each has", async (t) => {
    const { place, look } = await setUp(t);
    await note(look, "web-1/7/ab", "receiver worker", ["deploy", "ci"]);
    await note(look, "web-2/7/cd", "worker", ["deploy", "ci"], HOUR_MS);
    const { stdout } = await place.cli("nodes");
    const [heading, first, second, ...rest] = stdout.trimEnd().split("\n");
    assert.match(heading ?? "", /^NODE +ROLES +STATE +VERSION +STARTED \(UTC\) +LAST SEEN +HOOKS$/);
    assert.match(
      first ?? "",
      /^web-1\/7\/ab +receiver, worker +up +1\.0\.0 +2026-11-24 08:00:00 +\S+ m?s ago +2 \([0-9a-f]{12}\)$/,
    );
    assert.match(second ?? "", /^web-2\/7\/cd +worker +gone +.* 1 h 0 min ago +2 \([0-9a-f]{12}\)$/);
    assert.deepEqual(rest, []);

    const { items, next, differences } = await place.json<{
      items: Record<string, unknown>[];
      next: null;
      differences: unknown[];
    }>("nodes", "list");
    assert.deepEqual([items.length, next, differences], [2, null, []]);
    const [item] = items;
    assert.deepEqual(item, {
      name: "web-1/7/ab",
      host: "web-1",
      roles: ["receiver", "worker"],
      state: "up",
      version: "1.0.0",
      startedAt: "2026-11-24T08:00:00.000Z",
      seenAt: item?.seenAt,
      stoppedAt: null,
      hooksFolder: "/hooks",
      hooksDigest: item?.hooksDigest,
      hooks: [
        { name: "deploy", version: "1" },
        { name: "ci", version: "1" },
      ],
    });
  });

  it("points out where they do not have the same hooks, and only of those that are there", async (t) => {
    const { place, look } = await setUp(t);
    await note(look, "a/1/x", "receiver", ["everywhere", "changed@1", "heard"]);
    await note(look, "b/1/x", "worker", ["everywhere", "changed@2", "own"]);
    await note(look, "c/1/x", "worker", ["everywhere", "changed@2"]);
    await note(look, "d/1/x", "worker", ["everywhere@9"], HOUR_MS);
    const { stdout } = await place.cli("nodes");
    assert.deepEqual(stdout.trimEnd().split("\n").slice(5), [
      "",
      "Not all have the same hooks:",
      "  changed is not the same everywhere: 1 on a/1/x; 2 on b/1/x, c/1/x",
      "  heard is on no worker: nobody performs its runs",
      "  own is not on a/1/x: what comes in there does not start it",
      "  own is performed on b/1/x only",
    ]);
  });

  it("says that there is none", async (t) => {
    const { place } = await setUp(t);
    const { stdout } = await place.cli("nodes");
    assert.equal(stdout, "No node is known: nobody has run `longshore serve` for a while.\n");
  });
});

describe("nodes forget", { concurrency: 2 }, () => {
  it("forgets one that is gone, and refuses one that is there or that nobody knows", async (t) => {
    const { place, look } = await setUp(t);
    await note(look, "web-1/7/ab", "worker", []);
    await note(look, "web-2/7/cd", "worker", [], HOUR_MS);
    const there = await place.cli("nodes", "forget", "web-1/7/ab");
    assert.equal(there.code, 2);
    assert.match(there.stderr, /^web-1\/7\/ab was seen \S+ m?s ago: it is still there\. Stop it first\.$/m);
    const unknown = await place.cli("nodes", "forget", "web-2/7/ce");
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /^There is no node "web-2\/7\/ce"\. Did you mean .*web-2\/7\/cd/);
    const { stdout } = await place.cli("nodes", "forget", "web-2/7/cd");
    assert.match(stdout, /^web-2\/7\/cd is forgotten\. /);
    assert.deepEqual(
      (await listNodes(look.store.db, Date.now())).map(({ name }) => name),
      ["web-1/7/ab"],
    );
  });
});
