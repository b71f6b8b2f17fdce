import assert from "node:assert/strict";
import { hostname } from "node:os";
import { describe, it } from "node:test";
import type { HookVersion } from "../../src/config/hook-versions.ts";
import { forgetNode, listNodes, noteNode, noteStop } from "../../src/store/nodes.ts";
import type { Database } from "../../src/store/store.ts";
import { until } from "../support/until.ts";
import { startWorker, testNode } from "../support/worker.ts";

const REASON = /^the hook lonely is gone: /;

/** Another worker with these hooks, on another machine, as it says of itself. */
async function another(db: Database, hooks: readonly (string | HookVersion)[], seenAt = Date.now()) {
  const self = testNode({ name: "far/1/x", startedAt: 1 });
  const versions = hooks.map((hook) => (typeof hook === "string" ? { name: hook, version: "ab12" } : hook));
  const say = (now: number) => noteNode(db, self, { hooks: { versions, readAt: now }, now });
  await say(seenAt);
  return { stop: () => noteStop(db, self.name, Date.now()), say };
}

describe("a worker", () => {
  it("says that it is there and which hooks it has, also when they change, and that it has stopped", async (t) => {
    const work = await startWorker(t);
    const { db } = work.store;
    work.files.add("broken");
    const hook = work.hook("true");
    const node = await until("its hooks are known", async () => {
      const [found] = await listNodes(db, Date.now());
      return found?.hooks.versions.some(({ name }) => name === hook) && found;
    });
    assert.deepEqual([node.state, node.roles, node.version], ["up", ["worker"], "1.0.0"]);
    assert.deepEqual(
      node.hooks.versions.map(({ name, version }) => [name, version === null]),
      [
        ["broken", true],
        [hook, false],
      ],
    );
    await work.worker.stop(0);
    const [stopped] = await listNodes(db, Date.now());
    assert.equal(stopped?.state, "stopped");
  });

  it("takes the place of one that has ended on its machine, and of no other", async (t) => {
    const work = await startWorker(t, { isIdle: true });
    const { db } = work.store;
    const ended = `${hostname()}/${process.pid}/ended`;
    const names = async () => (await listNodes(db, Date.now())).map(({ name }) => name);
    for (const node of [
      testNode({ name: ended, startedAt: 1 }),
      testNode({ name: `${ended}-receiver`, roles: ["receiver"], startedAt: 2 }),
      testNode({ name: "far/1/x", startedAt: 3 }),
      testNode({ name: `${ended}-other`, hooksFolder: "/other", startedAt: 4 }),
    ])
      await noteNode(db, node, { now: Date.now() });
    await work.worker.start();
    const [receiver, far, other, own, ...others] = await names();
    assert.deepEqual([receiver, far, other, others], [`${ended}-receiver`, "far/1/x", `${ended}-other`, []]);
    assert.notEqual(own, ended);
  });
});

describe("a queued run whose hook only another worker has", () => {
  it("waits for it: while it is there, when it is gone, and when it has stopped", async (t) => {
    const work = await startWorker(t);
    const far = await another(work.store.db, ["lonely"], Date.now() - 3_600_000);
    const waiting = await work.start("lonely");
    const others = await Promise.all([work.start("removed"), work.start("removed")]);
    await Promise.all(others.map(work.ended));
    assert.equal((await work.find(waiting)).status, "queued", "it is gone");
    await far.stop();
    await work.ended(await work.start("removed"));
    assert.equal((await work.find(waiting)).status, "queued", "it has stopped");
  });

  it("fails once somebody says that the other one does not come back", async (t) => {
    const work = await startWorker(t);
    await another(work.store.db, ["lonely"], Date.now() - 3_600_000);
    const lonely = await work.start("lonely");
    await work.ended(await work.start("removed"));
    assert.equal((await work.find(lonely)).status, "queued");
    await forgetNode(work.store.db, "far/1/x");
    assert.match((await work.ended(lonely)).reason ?? "", REASON);
  });

  it("waits as well where the other one has only the file, be it broken", async (t) => {
    const work = await startWorker(t);
    await another(work.store.db, [{ name: "lonely", version: null }], Date.now() - 3_600_000);
    const waiting = await work.start("lonely");
    await work.ended(await work.start("removed"));
    assert.equal((await work.find(waiting)).status, "queued");
  });

  it("fails when nobody has it, once every node has read its folder after it was queued", async (t) => {
    const work = await startWorker(t);
    const far = await another(work.store.db, ["other"]);
    const lonely = await work.start("lonely", { receivedAt: Date.now() });
    const old = await work.start("lonely", { receivedAt: 1 });
    assert.match((await work.ended(old)).reason ?? "", REASON);
    assert.equal((await work.find(lonely)).status, "queued");
    await far.say(Date.now() + 6_000);
    assert.match((await work.ended(lonely)).reason ?? "", REASON);
  });
});

describe("a run of a group", () => {
  const inGroup = (hook: string) => ({
    groups: { [hook]: { name: "github acme/site deploy", queue: "max" as const, cancelsRunning: false } },
  });

  it("waits for an earlier one that another worker is to perform, while that is there", async (t) => {
    const work = await startWorker(t, { isIdle: true });
    const far = await another(work.store.db, ["lonely"]);
    const own = work.hook("true");
    const first = await work.start("lonely", inGroup("lonely"));
    const second = await work.start(own, inGroup(own));
    await work.worker.start();
    await work.run("true");
    assert.deepEqual(
      [(await work.find(first)).status, (await work.find(second)).status],
      ["queued", "queued"],
    );
    await far.stop();
    assert.equal((await work.ended(second)).status, "succeeded");
  });
});
