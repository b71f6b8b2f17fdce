import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { Run } from "../../src/store/runs.ts";
import { type DeliveryOptions, pushPayload } from "../support/github.ts";
import { type Look, lookInto, runsOf } from "../support/look.ts";
import { type TestServer, type Workplace, workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

/** Whether a program is where scripts look for it: they are written for it then. */
const isThere = (program: string) => existsSync(`/usr/bin/${program}`) || existsSync(`/bin/${program}`);

/** Each writes down that it was called, with what, and what it was told. */
const SH = `#!/bin/sh
printf '%s\\n' "$(basename "$0") $# $2" >> "$HOOKS_LOG"
cp "$1" "$HOOKS_LOG.payload"
echo "said by $(basename "$0")"
`;
const BASH = isThere("bash") ? SH.replace("#!/bin/sh", "#!/usr/bin/env bash\nset -euo pipefail") : SH;
const PYTHON = isThere("python3")
  ? `#!/usr/bin/env python3
import json, os, sys
with open(sys.argv[1], 'r') as jsf:
    payload = json.loads(jsf.read())
with open(os.environ['HOOKS_LOG'], 'a') as log:
    log.write('{} {} {}\\n'.format(os.path.basename(sys.argv[0]), len(sys.argv) - 1, sys.argv[2]))
print('said by', os.path.basename(sys.argv[0]), 'of', payload['repository']['name'])
`
  : SH;

const SCRIPTS = {
  all: SH,
  push: BASH,
  "push-site": PYTHON,
  "push-site-main": SH,
  "push-site-feature/x": BASH,
};

/** A folder as python-github-webhooks had it, served, and the names of the scripts that ran, as they wrote them down. */
async function serveScripts(t: TestContext) {
  const place = workplace(t);
  const log = join(place.folder, "log");
  Object.assign(place.environment, { HOOKS_LOG: log });
  place.write("longshore.yml", "runs: { inherit-env: [HOOKS_LOG] }\n");
  for (const [name, text] of Object.entries(SCRIPTS)) place.write(`hooks/${name}`, text, 0o755);
  place.write("hooks/README.rst", "What these scripts do.\n");
  const server = await place.serve();
  const look = await lookInto(t, place);
  return {
    place,
    server,
    look,
    log: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
  };
}

/** Sends a delivery and waits for the end of its runs. */
async function runsBy(server: TestServer, look: Look, options: DeliveryOptions): Promise<Run[]> {
  const answer = await server.send(options);
  return answer.status === 202 ? Promise.all(runsOf(answer).map((id) => look.ended(id))) : [];
}

/** The hooks that run for a delivery, and succeed, in their order. */
async function hooksRunBy(server: TestServer, look: Look, options: DeliveryOptions): Promise<string[]> {
  const runs = await runsBy(server, look, options);
  for (const { hook, status, reason } of runs) assert.equal(status, "succeeded", `${hook}: ${reason}`);
  return runs.map(({ hook }) => hook);
}

const push = (ref: string, changes: object = {}): DeliveryOptions => ({
  body: pushPayload({ ref, ...changes }),
});
const site = { name: "site", full_name: "acme/site" };
const other = { name: "other", full_name: "acme/other" };

describe("a folder of scripts for python-github-webhooks", () => {
  it("runs unchanged: the same scripts, in the same order, with the same arguments", async (t) => {
    const { place, server, look, log } = await serveScripts(t);
    const body = JSON.stringify(pushPayload({ note: "é", number: 1 }), null, 1);
    const answer = await server.send({ body });
    assert.equal(answer.status, 202);
    const runs = await Promise.all(runsOf(answer).map((id) => look.ended(id)));
    assert.deepEqual(
      runs.map(({ hook, status, exitCode }) => [hook, status, exitCode]),
      ["push-site-main", "push-site", "push", "all"].map((hook) => [hook, "succeeded", 0]),
    );
    assert.deepEqual(log(), ["push-site-main 2 push", "push-site 2 push", "push 2 push", "all 2 push"]);
    assert.equal(readFileSync(join(place.folder, "log.payload"), "utf8"), body);
    assert.match(await look.output(runs[1]?.id), /^said by push-site( of site)?\n$/);
    for (const [index, run] of runs.entries()) {
      const before = runs[index - 1];
      assert.ok(!before || (before.finishedAt ?? 0) <= (run.startedAt ?? 0), `${run.hook} began too early`);
    }
  });

  it("is asked for event, repository and branch as there", async (t) => {
    const { server, look, log } = await serveScripts(t);
    const ran = (options: DeliveryOptions) => hooksRunBy(server, look, options);

    assert.deepEqual(await ran(push("refs/heads/feature/x")), [
      "push-site-feature/x",
      "push-site",
      "push",
      "all",
    ]);
    assert.deepEqual(await ran(push("refs/heads/dev")), ["push-site", "push", "all"]);
    assert.deepEqual(await ran(push("refs/tags/main")), ["push-site-main", "push-site", "push", "all"]);
    assert.deepEqual(await ran(push("refs/heads/main", { repository: other })), ["push", "all"]);
    assert.deepEqual(await ran(push("refs/heads/main", { deleted: true })), []);
    assert.deepEqual(await ran({ event: "issues", body: { action: "opened", repository: site } }), ["all"]);
    const deletion = { ref: "main", ref_type: "branch", repository: site };
    assert.deepEqual(await ran({ event: "delete", body: deletion }), ["all"]);

    const before = log().length;
    const ping = await server.send({
      event: "ping",
      body: { zen: "Keep it logically awesome.", repository: site },
    });
    assert.deepEqual([ping.status, log().length], [200, before]);
    assert.equal(new Set(await look.runs().then((runs) => runs.map(({ deliveryId }) => deliveryId))).size, 6);
  });

  it("is looked at again while the server runs: scripts come, go, and lose their permission (story 46)", async (t) => {
    const { place, server, look } = await serveScripts(t);
    const hooks = join(place.folder, "hooks");
    const becomes = (what: string, expected: string[]) =>
      until(what, async () => {
        // Between two looks at the folder a script that lost its permission is still tried, and fails.
        const body = { unique: randomUUID(), repository: site };
        const runs = await runsBy(server, look, { event: "issues", body });
        return runs.map(({ hook }) => hook).join() === expected.join();
      });

    place.write("hooks/issues-site", SH, 0o755);
    await becomes("the new script runs", ["issues-site", "all"]);
    chmodSync(join(hooks, "issues-site"), 0o644);
    await becomes("the script that may not be executed does not run", ["all"]);
    assert.match(
      server.stderr(),
      /hooks\/issues-site: warning: looks like a script and has no execute permission/,
    );
    chmodSync(join(hooks, "issues-site"), 0o755);
    await becomes("the script runs again", ["issues-site", "all"]);
    renameSync(join(hooks, "all"), join(hooks, "_all"));
    await becomes("the renamed script does not run", ["issues-site"]);
  });
});

describe("names in a delivery that would lead out of the folder", () => {
  const NAMES = [
    "../../etc/passwd",
    "..",
    ".",
    "../secret",
    "/bin/sh",
    "site\0",
    "x".repeat(5_000),
    "site/../site",
  ];

  /** Where such names would lead if they were paths. */
  function writeTraps(place: Workplace): void {
    const trap = `#!/bin/sh\ntouch ${place.folder}/trapped\n`;
    for (const file of [
      "secret",
      "push",
      "hooks/secret",
      "hooks-secret/x",
      "hooks/push-site-main",
      "hooks/push-x/y",
    ])
      place.write(file, trap, 0o755);
  }

  it("run nothing and touch nothing (stories 21, 22, 23)", async (t) => {
    const place = workplace(t);
    writeTraps(place);
    const server = await place.serve();
    const look = await lookInto(t, place);
    const before = readdirSync(place.folder, { recursive: true }).sort();

    for (const name of NAMES) {
      const inRepository = push("refs/heads/main", { repository: { name, full_name: `acme/${name}` } });
      assert.equal((await server.send(inRepository)).status, 204, JSON.stringify(name.slice(0, 40)));
      const inBranch = push(`refs/heads/${name}`, { repository: { name: "site", full_name: "acme/site" } });
      assert.equal((await server.send(inBranch)).status, 204, JSON.stringify(name.slice(0, 40)));
    }
    for (const event of ["../secret", "/bin/sh", "push-site-main", "..", "hooks/secret"])
      assert.equal((await server.send({ event })).status, 400, event);

    assert.deepEqual(await look.runs(), []);
    assert.deepEqual(readdirSync(place.folder, { recursive: true }).sort(), before);
    const good = push("refs/heads/main");
    assert.deepEqual(await hooksRunBy(server, look, good), ["push-site-main"]);
    assert.equal(existsSync(join(place.folder, "trapped")), true, "the trap itself works");
  });
});
