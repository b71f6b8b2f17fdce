import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHookSet } from "../../src/config/hook-set.ts";
import type { Hook } from "../../src/match/hook.ts";
import { hooksFolder, hookText } from "../support/hooks.ts";
import { pushHook } from "../support/receiver.ts";

describe("the digest of a set of hooks", () => {
  it("is the same for equal hooks, in whatever order their members were put down", () => {
    const { name, file, on, work } = pushHook("deploy");
    const reversed: Hook = { work, on, file, name };
    assert.equal(toHookSet([reversed]).digest, toHookSet([{ name, file, on, work }]).digest);
    assert.match(toHookSet([]).digest, /^[0-9a-f]{64}$/);
  });

  it("is another one when anything of a hook is, or their order", () => {
    const one = pushHook("one");
    const sets: Hook[][] = [
      [],
      [one],
      [one, pushHook("other")],
      [pushHook("other"), one],
      [{ ...one, name: "renamed" }],
      [{ ...one, on: [{ event: "issues" }] }],
      [{ ...one, on: [{ event: "push", branches: ["main", "dev"] }] }],
      [{ ...one, on: [{ event: "push", branches: ["dev", "main"] }] }],
      [{ ...one, work: { kind: "script", script: "false", env: {}, timeoutMs: 60_000 } }],
      [{ ...one, disabled: true }],
    ];
    assert.equal(new Set(sets.map((hooks) => toHookSet(hooks).digest)).size, sets.length);
  });

  it("has the version of a handler's code, and not the code, which judges nothing", () => {
    const handler = (version: string, source: string): Hook => {
      const modules = [{ url: "file:///hooks/label.ts", format: "module-typescript", source, imports: {} }];
      return {
        ...pushHook("label"),
        work: { kind: "handler", code: { version, modules }, env: {}, timeoutMs: 1 },
      };
    };
    assert.ok(!toHookSet([handler("a", "SOURCE")]).content.includes("SOURCE"));
    assert.notEqual(toHookSet([handler("a", "x")]).digest, toHookSet([handler("b", "y")]).digest);
  });

  it("belongs to a content that the hooks can be read from again", () => {
    const hooks = [pushHook("one"), pushHook("two", { disabled: true })];
    assert.deepEqual(JSON.parse(toHookSet(hooks).content), { hooks });
  });
});

describe("the set of a hooks folder", () => {
  it("stays the same object until a file changes", async (t) => {
    const { folder, write } = hooksFolder(t, { "deploy.yml": hookText("one") });
    await folder.load();
    const first = folder.set;
    await folder.reload();
    assert.equal(folder.set, first);

    write("deploy.yml", hookText("something else"));
    await folder.load();
    assert.notEqual(folder.set, first);
    assert.notEqual(folder.set.digest, first.digest);
    assert.equal(folder.hooks, folder.set.hooks);
  });

  it("has the hooks that are disabled, marked as such, also when they are read again", async (t) => {
    const { folder, write } = hooksFolder(t, { "a.yml": hookText("a"), "b.yml": hookText("b") });
    await folder.load();
    const disabled = () => folder.set.hooks.flatMap((hook) => (hook.disabled ? hook.name : []));
    const before = folder.set;
    assert.equal(folder.disable(["b", "not-here"]), true);
    assert.notEqual(folder.set, before);
    assert.deepEqual(disabled(), ["b"]);

    const set = folder.set;
    assert.equal(folder.disable(["b", "not-here"]), false);
    assert.equal(folder.set, set);

    write("b.yml", hookText("changed"));
    await folder.load();
    assert.deepEqual(disabled(), ["b"]);
    assert.equal(folder.disable([]), true);
    assert.deepEqual(disabled(), []);
  });
});
