import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noteNode, noteStop } from "../../../src/store/nodes.ts";
import type { Database } from "../../../src/store/store.ts";
import { practiceWithStore } from "../../support/doctor.ts";
import { storeDelivery } from "../../support/store-delivery.ts";

interface Told {
  roles?: string[];
  version?: string;
  hooks?: Record<string, string>;
  /** Against this machine's clock. */
  seenMs?: number;
}

async function note(db: Database, name: string, told: Told = {}): Promise<void> {
  const { roles = ["worker"], version = "1.0.0", hooks = { deploy: "1" }, seenMs = 0 } = told;
  const now = Date.now() + seenMs;
  const versions = Object.entries(hooks).map(([hook, of]) => ({ name: hook, version: of }));
  await noteNode(
    db,
    { name, roles, version, hooksFolder: "/hooks", startedAt: now },
    { hooks: { versions, readAt: now }, now },
  );
}

describe("the nodes", { concurrency: 2 }, () => {
  it("are all right where there is none, one, or several that are alike", async (t) => {
    const { askOnce, look } = await practiceWithStore(t);
    const { db } = look.store;
    assert.equal(await askOnce("nodes"), "good: none is running");
    await note(db, "a/1/x");
    assert.equal(await askOnce("nodes"), "good: there is one");
    await note(db, "b/1/x", { hooks: { deploy: "1", own: "1" } });
    await note(db, "c/1/x", { seenMs: -60_000 });
    await noteStop(db, "c/1/x", Date.now());
    assert.equal(await askOnce("nodes"), "good: there are 2 of one version");
  });

  it("that are gone are named, with what waits for them", async (t) => {
    const { ask, look } = await practiceWithStore(t);
    await note(look.store.db, "a/1/x");
    await note(look.store.db, "b/1/x", { hooks: { deploy: "1", own: "1" }, seenMs: -3_600_000 });
    await storeDelivery(look.store, { hooks: ["own", "deploy"] });
    const [finding, ...others] = await ask("nodes");
    assert.deepEqual(others, []);
    assert.equal(finding?.status, "warning");
    assert.equal(finding?.message, "b/1/x has not been seen for 1 h 0 min; runs that only it can perform: 1");
    assert.match(finding?.remedy ?? "", /longshore nodes forget/);
  });

  it("whose clock is ahead are to be repaired", async (t) => {
    const { ask, look } = await practiceWithStore(t);
    await note(look.store.db, "a/1/x", { seenMs: 3_600_000 });
    const [finding] = await ask("nodes");
    assert.equal(finding?.status, "bad");
    assert.match(finding?.message ?? "", /^the clock of a\/1\/x is (1 h 0|59) min.* ahead of this machine's/);
  });

  it("with other hooks or of other versions are named", async (t) => {
    const { ask, look } = await practiceWithStore(t);
    await note(look.store.db, "a/1/x", { roles: ["receiver"] });
    await note(look.store.db, "b/1/x", { hooks: { deploy: "2" }, version: "2.0.0" });
    assert.deepEqual(
      (await ask("nodes")).map(({ status, message }) => `${status}: ${message}`),
      [
        "warning: not all are of one version: 1.0.0 on a/1/x; 2.0.0 on b/1/x",
        "warning: deploy is not the same everywhere: 1 on a/1/x; 2 on b/1/x",
      ],
    );
  });
});
