import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { checkSettings } from "../../src/config/settings.ts";
import { isMarked } from "../support/editors.ts";
import { temporaryFolder } from "../support/temporary.ts";

function check(t: TestContext, text: string) {
  const file = join(temporaryFolder(t), "longshore.yml");
  writeFileSync(file, text);
  const { value, problems } = checkSettings({ TOKEN: "a token of the chat" }, file);
  return {
    file,
    notifications: value?.settings.notifications,
    problems,
    isMarked: isMarked("settings", text),
  };
}

describe("`notify` in the settings", () => {
  it("has who is told, of which changes, of which hooks", (t) => {
    const { file, notifications, problems, isMarked } = check(
      t,
      `vars: { ROOM: ops, OTHER: x }
notify:
  - on: failed
    hooks: ["deploy-*", "!deploy-old"]
    run: tell
    env: { ROOM: "\${{ vars.ROOM }}", TOKEN: "\${{ secrets.TOKEN }}" }
  - forward: https://chat.example.com/in
`,
    );
    assert.deepEqual([problems, isMarked], [[], false]);
    const [script, forward] = notifications ?? [];
    assert.deepEqual([script?.changes, script?.hooks], [["failed"], ["deploy-*", "!deploy-old"]]);
    const { name, vars, work } = script?.hook ?? assert.fail();
    assert.deepEqual([name, script?.hook.file, vars], ["_notify-1", file, { ROOM: "ops" }]);
    assert.ok(work.kind === "script" && work.script === "tell");
    assert.deepEqual([forward?.changes, forward?.hooks], [["failed", "recovered"], undefined]);
    assert.equal(forward?.hook.name, "_notify-2");
    assert.ok(
      forward?.hook.work.kind === "forward" && forward.hook.work.url === "https://chat.example.com/in",
    );
  });

  it("is refused with a mistake in an expression, and warns of a secret that is not there", (t) => {
    const { problems } = check(
      t,
      `notify:
  - run: echo \${{ github.sha }}
  - { run: x, env: { A: "\${{ secrets.LONGSHORE_X }}", B: "\${{ secrets.NONE }}" } }
`,
    );
    assert.deepEqual(
      problems.map(({ severity, message }) => [severity, message.slice(0, 75)]),
      [
        ["error", "`notify.0.run`: `run` does not read `${{ github.sha }}`: whoever names a br"],
        ["error", "`notify.1.env.A`: hooks cannot read the secret LONGSHORE_X: names that begi"],
        ["warning", "`notify.1.env.B`: runs will fail: the secret NONE is not set: set the varia"],
      ],
    );
  });
});
