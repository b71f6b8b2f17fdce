import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { noteNode } from "../../src/store/nodes.ts";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";

describe("run, when nobody claims it", { concurrency: 2 }, () => {
  /** What is said while nodes with these roles are there; each has loaded one hook. */
  async function said(t: TestContext, nodes: readonly { role: string; hook: string }[]): Promise<string> {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: make" } });
    const look = await lookInto(t, place);
    const now = Date.now() + 60_000; // So that they do not go while it is waited for.
    for (const [index, { role, hook }] of nodes.entries())
      await noteNode(
        look.store.db,
        { name: `${role}-${index}`, roles: [role], version: "1.0.0", hooksFolder: "/hooks", startedAt: now },
        { hooks: { versions: [{ name: hook, version: "1" }], readAt: now }, now },
      );
    const { code, stdout } = await place.cli("run", "deploy", "--repo", "acme/site", "--ref", "main");
    assert.equal(code, 0);
    return stdout.trimEnd().split("\n")[1] ?? "";
  }

  it("says which worker will, when one that is there has the hook", async (t) => {
    const nodes = [
      { role: "worker", hook: "deploy" },
      { role: "receiver", hook: "deploy" },
    ];
    assert.equal(
      await said(t, nodes),
      "It waits until a worker claims it (worker-0). What it prints: npx longshore runs logs 1 --follow",
    );
  });

  it("says so when no worker that is there has the hook", async (t) => {
    const nodes = [
      { role: "worker", hook: "many" },
      { role: "receiver", hook: "deploy" },
    ];
    assert.equal(
      await said(t, nodes),
      "It waits: deploy is loaded on no worker that is running (worker-0); see `longshore nodes list`. What it prints: npx longshore runs logs 1 --follow",
    );
  });

  it("says that no server seems to be running when there are only receivers", async (t) => {
    assert.match(await said(t, [{ role: "receiver", hook: "deploy" }]), /^No server seems to be running\. /);
  });
});
