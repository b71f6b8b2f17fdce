import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertRefused, canBecomeOthers, OTHER } from "../support/accounts.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { isRunning } from "../support/processes.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

/** What a script tries of its server; a line for each that succeeds. */
const PRY = `
try() { "$@" > /dev/null 2>&1 && echo "could: $*"; }
server=$(ps -o ppid= -p $PPID | tr -d ' ')
for pid in $PPID $server; do try cat /proc/$pid/environ; try ls /proc/$pid/fd; try kill -0 $pid; done
for path in data data/secrets data/longshore.db .env; do try cat "$PLACE/$path"; try ls "$PLACE/$path/"; done
for path in data data/new hooks/new longshore.yml hooks/look.yml; do try sh -c ': >> "$0"' "$PLACE/$path"; done
cat "$PLACE/longshore.yml"; id -u
`;

describe("a server whose runs have an account of their own", () => {
  it("keeps its environment, its secrets, its database and its hooks from them", async (t) => {
    const place = workplace(t, {
      files: {
        "longshore.yml": `runs: { user: ${OTHER.name} }\n`,
        "hooks/look.yml": "on: push\nrun: 'true'",
        ".env": "OTHER_SECRET=no",
      },
    });
    const indented = PRY.replaceAll("\n", "\n  ");
    place.write(
      "hooks/look.yml",
      `on: push\nenv: { PLACE: "${place.folder}" }\nshell: sh {0}\nrun: |${indented}`,
    );
    // So that it is not the folder above that keeps them out.
    chmodSync(place.folder, 0o755);
    chmodSync(join(place.folder, ".env"), 0o600);
    const server = await place.serve();
    const look = await lookInto(t, place);
    const [id] = runsOf(await server.send());
    const run = await look.ended(id);
    const stdout = await look.output(id);
    if (!canBecomeOthers) {
      assert.match(server.stderr(), /longshore\.yml: warning: runs will fail: the setting `runs\.user/);
      return assertRefused({ ...run, stdout });
    }
    assert.equal(stdout, `runs: { user: ${OTHER.name} }\n${OTHER.uid}\n`);
    assert.equal(run.status, "succeeded");
  });

  it("takes them with it when it is killed", async (t) => {
    const script = "sh -c 'echo $PPID $$; sleep 300' & wait";
    const place = workplace(t, {
      files: { "hooks/long.yml": `on: push\nuser: ${OTHER.name}\nrun: ${JSON.stringify(script)}` },
    });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const [id] = runsOf(await server.send());
    if (!canBecomeOthers) {
      await look.ended(id);
      return;
    }
    const pids = await until("the script runs", async () =>
      /^(\d+) (\d+)\n/
        .exec(await look.output(id))
        ?.slice(1)
        .map(Number),
    );
    assert.equal(pids.every(isRunning), true);
    await server.end("SIGKILL");
    await until("nothing of it runs", () => !pids.some(isRunning));
  });

  it("tells at once of an account that a changed hook names and that is not there", async (t) => {
    const place = workplace(t, { files: { "hooks/a.yml": "on: push\nrun: 'true'" } });
    const server = await place.serve();
    place.write("hooks/a.yml", "on: push\nrun: 'true'\nuser: no-such-account");
    await until("it has been told", () => /runs will fail: `user: no-such-account`/.test(server.stderr()));
  });
});
