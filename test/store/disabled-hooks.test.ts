import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { disableHook, enableHook, listDisabledHooks } from "../../src/store/disabled-hooks.ts";
import { openTestStore } from "../support/store.ts";

describe("the hooks that are disabled", () => {
  it("are in the store, each once, until they are enabled", async (t) => {
    const { db } = await openTestStore(t);
    assert.deepEqual(await listDisabledHooks(db), []);
    assert.equal(await disableHook(db, "site/deploy", 1), true);
    assert.equal(await disableHook(db, "ci", 2), true);
    assert.equal(await disableHook(db, "ci", 3), false);
    assert.deepEqual(await listDisabledHooks(db), ["ci", "site/deploy"]);
    assert.equal(await enableHook(db, "ci"), true);
    assert.equal(await enableHook(db, "ci"), false);
    assert.deepEqual(await listDisabledHooks(db), ["site/deploy"]);
  });
});
