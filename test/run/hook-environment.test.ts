import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { Hook } from "../../src/match/hook.ts";
import { pushPayload } from "../support/github.ts";
import type { StoredOptions } from "../support/store-delivery.ts";
import { type EndedRun, startWorker } from "../support/worker.ts";

const SECRETS: Record<string, string> = { TOKEN: "hunter2-hunter2", EMPTY: "", BIG: "s".repeat(200_000) };
const work = await startWorker({ after }, { secrets: SECRETS });

/** Runs a hook that prints its variable A, and whatever else. */
async function runWith(
  env: Record<string, string>,
  { delivery = {}, script = 'printf "%s" "$A"', ...changes }: RunOptions = {},
): Promise<EndedRun> {
  const name = work.hook({ script, env });
  const index = work.hooks.findIndex((hook) => hook.name === name);
  work.hooks[index] = { ...(work.hooks[index] ?? assert.fail()), ...changes };
  return work.ended(await work.start(name, delivery));
}

type RunOptions = Partial<Omit<Hook, "work">> & { script?: string; delivery?: StoredOptions };

async function valueIn(text: string, options: RunOptions = {}): Promise<string> {
  const run = await runWith({ A: text }, options);
  assert.equal(run.reason, null);
  return run.stdout;
}

const from = (repo: object | null) => ({
  event: "pull_request",
  payload: {
    action: "opened",
    repository: { full_name: "acme/site" },
    pull_request: { number: 7, head: { ref: "x", repo }, base: { ref: "main" } },
  },
});
const FORK = from({ full_name: "mallory/site" });

describe("the expressions in a hook's `env`", () => {
  const payload = pushPayload({
    after: "c".repeat(40),
    head_commit: { message: '$(touch pwned) `x` "${{ github.ref }}"' },
    commits: [{ id: "1" }],
  });
  const delivery = { payload };

  for (const [text, value] of [
    ["${{ github.sha }}", "c".repeat(40)],
    ["at ${{ github.ref_name }}: ${{ github.actor }}!", "at main: alice!"],
    ["${{ github.event.missing }}", ""],
    ["${{ github.event.deleted }} ${{ 1.50 }} ${{ null }}", "false 1.5 "],
    ["${{ github.event.commits }}", "Array"],
    ["${{ toJSON(github.event.commits) }}", '[\n  {\n    "id": "1"\n  }\n]'],
    ["${{ vars.target }}/${{ vars.OTHER }}", "live/"],
    ["${{ github.api_url }} ${{ github.server_url }}", "https://api.github.com https://github.com"],
    ["${{ github.run_attempt }}", "1"],
    ["${{ '}}' }}", "}}"],
    ["$${ {{ }} $NOT", "$${ {{ }} $NOT"],
  ] as const) {
    it(`give ${JSON.stringify(value)} for ${text}`, async () => {
      assert.equal(await valueIn(text, { delivery, vars: { TARGET: "live" } }), value);
    });
  }

  it("are about the base where the hook is on pull_request_target", async () => {
    const text = "${{ github.event_name }} ${{ github.ref }} ${{ github.head_ref }}";
    const on = [{ event: "pull_request_target" }];
    assert.equal(await valueIn(text, { delivery: FORK, on }), "pull_request_target refs/heads/main x");
  });

  it("give the number of the run", async () => {
    const run = await runWith({ A: "${{ github.run_id }}" });
    assert.equal(run.stdout, String(run.id));
  });

  it("give what strangers write as data, which is not evaluated again (story 24)", async () => {
    assert.equal(
      await valueIn("${{ github.event.head_commit.message }}", { delivery }),
      '$(touch pwned) `x` "${{ github.ref }}"',
    );
  });

  it("fail the run with the reason when there is no value", async () => {
    const { status, reason, stdout } = await runWith({ A: "${{ fromJSON('[') }}" });
    assert.deepEqual(
      [status, reason, stdout],
      ["failed", "`env.A` cannot be evaluated: fromJSON: the text is not JSON", ""],
    );
  });
});

describe("a secret in a hook's `env`", () => {
  it("reaches the script, and not what it prints", async () => {
    const run = await runWith(
      { A: "Bearer ${{ secrets.TOKEN }}" },
      {
        script: 'echo "${#A} $A"; echo "($A)" >&2; printf hunter2-; printf hunter2; printf hunter2-',
      },
    );
    assert.equal(run.stdout, "22 Bearer ***\n***hunter2-");
    assert.equal(run.stderr, "(Bearer ***)\n");
  });

  it("is read anew for each attempt", async () => {
    assert.equal(await valueIn("${{ secrets.TOKEN }}", { script: 'echo "${#A}"' }), "15\n");
    SECRETS.TOKEN = "another";
    assert.equal(
      await valueIn("${{ secrets.TOKEN }}", { script: 'echo "${#A} hunter2-hunter2"' }),
      "7 hunter2-hunter2\n",
    );
    SECRETS.TOKEN = "hunter2-hunter2";
  });

  it("may differ in its name's case from how it is read", async () => {
    assert.equal(await valueIn("${{ Secrets['TOKEN'] && 'set' }}"), "set");
  });

  for (const [name, reason] of [
    ["NOPE", "the secret NOPE is not set: set the variable NOPE or NOPE_FILE"],
    ["EMPTY", "the secret EMPTY is set but empty: set the variable EMPTY or EMPTY_FILE"],
    [
      "PGPASSWORD",
      "hooks cannot read the secret PGPASSWORD: names that begin with PG are those of the database",
    ],
    ["BIG", "the value of A is larger than 128 KiB; read it from the file $GITHUB_EVENT_PATH"],
  ] as const) {
    it(`fails the run when it cannot be had: ${name}`, async () => {
      const run = await runWith({ A: `\${{ secrets.${name} }}` });
      assert.deepEqual([run.status, run.reason, run.stdout], ["failed", reason, ""]);
    });
  }

  it("is not in the reason of a run that fails", async () => {
    const evaluation = await runWith({
      A: "${{ format('{1}', secrets.TOKEN) }} ${{ fromJSON(secrets.TOKEN) }}",
    });
    assert.equal(evaluation.status, "failed");
    const quoted = await runWith({ A: "${{ format(format('{{9}}{0}', secrets.TOKEN)) }}" });
    assert.equal(
      quoted.reason,
      "`env.A` cannot be evaluated: The following format string references more arguments than were supplied: {9}***",
    );
    const missing = work.hook({
      script: "true",
      env: { A: "${{ secrets.TOKEN }}" },
      workingDirectory: "/nowhere/hunter2-hunter2",
    });
    const { reason } = await work.ended(await work.start(missing));
    assert.equal(reason, "working-directory /nowhere/*** is not there");
  });

  it("is empty for code from a fork, also when it is not set", async () => {
    for (const name of ["TOKEN", "NOPE"])
      assert.equal(
        await valueIn(`[\${{ secrets.${name} }}]`, { delivery: FORK, on: [{ event: "pull_request" }] }),
        "[]",
      );
    assert.equal(
      await valueIn("[${{ secrets.TOKEN }}]", { delivery: from(null), on: [{ event: "pull_request" }] }),
      "[]",
    );
  });

  it("is there for the repository's own pull requests, and for a hook that works on the base", async () => {
    const own = from({ full_name: "acme/site" });
    const script = 'echo "${#A}"';
    const text = "${{ secrets.TOKEN }}";
    assert.equal(await valueIn(text, { delivery: own, script, on: [{ event: "pull_request" }] }), "15\n");
    assert.equal(
      await valueIn(text, { delivery: FORK, script, on: [{ event: "pull_request_target" }] }),
      "15\n",
    );
    const both = [{ event: "pull_request" }, { event: "pull_request_target" }];
    assert.equal(await valueIn(text, { delivery: FORK, script, on: both }), "15\n");
    assert.equal(await valueIn(text, { delivery: FORK, script, on: both, forks: "run" }), "0\n");
  });
});
