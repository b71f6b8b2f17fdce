import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { startWorker } from "../support/worker.ts";

const work = await startWorker({ after });

/** What Linux takes for one variable: 32 pages. */
const MAX_VARIABLE_BYTES = 128 * 1024;

const actor = (login: string) => ({ payload: pushPayload({ sender: { login } }) });

describe("a payload's values", () => {
  const hostile = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "a\ntouch pwned\n",
    "-rf",
    "--help",
    "{a,b}",
    "${IFS}*",
    "' \" \\ ' \"",
    "\u001B[31m\u202Eevil",
    "| touch pwned & > pwned",
  ];
  for (const value of hostile) {
    it(`reach the script as they are, and only as data: ${JSON.stringify(value)} (story 24)`, async () => {
      const { stdout, status } = await work.run('printf "%s" "$GITHUB_ACTOR"; echo; ls', actor(value));
      assert.equal(status, "succeeded");
      assert.equal(stdout, `${value}\n`);
    });
  }

  // Only Linux shows them.
  if (process.platform === "linux")
    it("are never part of the command line (story 24)", async () => {
      const { stdout } = await work.run("tr '\\0' '\\n' < /proc/$$/cmdline", actor("--init-file=/evil"));
      assert.match(stdout, /^bash\n-e\n\S+\/script\.sh\n$/);
    });

  it("fail the run with the reason when one has a NUL (story 26)", async () => {
    const { status, reason, stdout } = await work.run("echo started", actor("a\0b"));
    assert.deepEqual([status, reason], ["failed", "the value of GITHUB_ACTOR contains a NUL"]);
    assert.equal(stdout, "");
  });

  it("reach the script up to what the system takes, and beyond it fail the run (story 26)", async () => {
    const largest = "x".repeat(MAX_VARIABLE_BYTES - "GITHUB_ACTOR=".length - 1);
    const { stdout } = await work.run('echo "${#GITHUB_ACTOR}"', actor(largest));
    assert.equal(stdout.trim(), String(largest.length));

    const { status, reason } = await work.run("echo started", actor(`${largest}x`));
    assert.equal(status, "failed");
    assert.match(
      String(reason),
      /^the value of GITHUB_ACTOR is larger than 128 KiB; read it from .*EVENT_PATH/,
    );
  });

  it("count in bytes, not in characters (story 26)", async () => {
    const { reason } = await work.run("echo started", actor("é".repeat(MAX_VARIABLE_BYTES / 2)));
    assert.match(String(reason), /larger than 128 KiB/);
  });

  it("fail the run with the reason when all of them together are too much (story 26)", async () => {
    const names = Array.from({ length: 60 }, (_, index) => [`LARGE_${index}`, "x".repeat(120_000)]);
    const { status, reason } = await work.run({ script: "echo started", env: Object.fromEntries(names) });
    assert.equal(status, "failed");
    assert.match(String(reason), /^bash could not be started: .*E2BIG/);
  });
});

describe("the payload's file", () => {
  it("has the JSON byte for byte", async () => {
    const payload = pushPayload({ text: "ü \u0000 \u2028 </script>", deep: [[[{}]]] });
    const { stdout } = await work.run('cat "$GITHUB_EVENT_PATH"', { payload });
    assert.equal(stdout, JSON.stringify(payload));
  });

  it("has the JSON of a form as well", async () => {
    const payload = pushPayload({ text: "a b+c&d=e%20f ü" });
    const { stdout } = await work.run('cat "$GITHUB_EVENT_PATH"', { payload, form: true });
    assert.equal(stdout, JSON.stringify(payload));
  });

  it("has 24 MB when the payload has (story 26)", async () => {
    const payload = pushPayload({ padding: "x".repeat(24e6) });
    const { stdout } = await work.run('wc -c < "$GITHUB_EVENT_PATH"', { payload });
    assert.equal(Number(stdout), JSON.stringify(payload).length);
  });
});
