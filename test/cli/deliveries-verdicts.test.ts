import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHookSet } from "../../src/config/hook-set.ts";
import { keepHookSet } from "../../src/store/hook-sets.ts";
import { pushOfSize, pushPayload } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { pushHook } from "../support/receiver.ts";
import { workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

const DEPLOY = pushHook("deploy", { on: [{ event: "push", branches: ["main"] }] });
const TRIAGE = pushHook("triage", { on: [{ event: "issues" }] });
const LARGE = 3 * 1024 ** 2;

describe("the verdicts in `deliveries show`", { concurrency: 2 }, () => {
  it("are those of the hooks of its time, filter by filter, also for a large body", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: issues\nrun: make" } });
    const { store } = await lookInto(t, place);
    const hookSet = await keepHookSet(store.db, toHookSet([DEPLOY, TRIAGE]));
    const payload = JSON.parse(pushOfSize(LARGE).toString()) as object;
    await storeDelivery(store, { payload, hooks: ["deploy"], hookSet });
    const { verdicts } = await place.json("deliveries", "show", "1");
    assert.deepEqual(verdicts, [
      {
        hook: "deploy",
        matches: true,
        checks: [
          { filter: "on", passed: true, reason: "the event is `push`" },
          { filter: "push.branches", passed: true, reason: "`main` matches [main]" },
        ],
      },
      {
        hook: "triage",
        matches: false,
        checks: [{ filter: "on", passed: false, reason: "`push` is not among [issues]" }],
      },
    ]);
    const { stdout } = await place.cli("deliveries", "show", "1");
    const shown = stdout.slice(0, stdout.indexOf("\nheaders")).split("\nverdicts\n")[1];
    assert.deepEqual(shown?.trimEnd().split("\n"), [
      "  deploy matches",
      "    ✓ on: the event is `push`",
      "    ✓ push.branches: `main` matches [main]",
      "  triage does not match",
      "    ✗ on: `push` is not among [issues]",
    ]);
  });

  it("say what matches only because nobody knows which files have changed", async (t) => {
    const place = workplace(t);
    const { store } = await lookInto(t, place);
    const code = pushHook("code", { on: [{ event: "push", paths: ["src/**"] }] });
    const hookSet = await keepHookSet(store.db, toHookSet([code]));
    await storeDelivery(store, { payload: pushPayload({ created: true }), hooks: ["code"], hookSet });
    const reason = "which files have changed is not known (the branch is new), so any of them may match";
    assert.deepEqual((await place.json("deliveries", "show", "1")).verdicts, [
      {
        hook: "code",
        matches: true,
        checks: [
          { filter: "on", passed: true, reason: "the event is `push`" },
          { filter: "push.paths", passed: true, reason, undecided: true },
        ],
      },
    ]);
    const { stdout } = await place.cli("deliveries", "show", "1");
    assert.ok(
      stdout.includes(`\n  code matches\n    ✓ on: the event is \`push\`\n    ? push.paths: ${reason}\n`),
    );
  });

  it("are missing where no hooks were asked, and none where there were none", async (t) => {
    const place = workplace(t);
    const { store } = await lookInto(t, place);
    await storeDelivery(store);
    await storeDelivery(store, { hookSet: await keepHookSet(store.db, toHookSet([])) });
    assert.match(
      (await place.cli("deliveries", "show", "1")).stdout,
      /^verdicts\n {2}none: no hooks were asked/m,
    );
    assert.match(
      (await place.cli("deliveries", "show", "2")).stdout,
      /^verdicts\n {2}none: there were no hooks$/m,
    );
    assert.deepEqual((await place.json("deliveries", "show", "2")).verdicts, []);
  });
});
