import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

const TOKEN = "s3cret/of the?deploy";
const KEY = "-----BEGIN KEY-----\nbGluZSBvbmU\nbGluZSB0d28\n-----END KEY-----";

const HOOK = `
on: push
if: github.ref_name == vars.BRANCH && !contains(github.event.head_commit.message, 'WIP')
env:
  TOKEN: \${{ secrets.DEPLOY_TOKEN }}
  HEADER: "Bearer \${{ secrets.DEPLOY_TOKEN }}"
  KEY: \${{ secrets.DEPLOY_KEY }}
  TARGET: \${{ vars.BRANCH }}-\${{ github.sha }}
run: |
  echo "target $TARGET, token $TOKEN, $HEADER"
  printf '%s' "$TOKEN" | base64
  echo "$KEY" | sed 's/^/  /' >&2
  test "\${#TOKEN}" = ${TOKEN.length}
`;

/** Every byte below a folder. */
function allBytes(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))));
}

describe("a hook with a condition and secrets", () => {
  it("runs where the condition holds, and its secrets are in no output, row or line of the log", async (t) => {
    const place = workplace(t, {
      files: {
        "hooks/deploy.yml": HOOK,
        "longshore.yml": "vars: { BRANCH: main }\n",
        ".env": `DEPLOY_TOKEN="${TOKEN}"\nDEPLOY_KEY_FILE=key.pem\n`,
        "key.pem": `${KEY}\n`,
      },
    });
    assert.deepEqual(await place.json("check"), { ok: true, problems: [] });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const push = (branch: string, message: string) =>
      server.send({ body: pushPayload({ ref: `refs/heads/${branch}`, head_commit: { message } }) });

    assert.equal((await push("other", "ready")).status, 204);
    assert.equal((await push("main", "still wip")).status, 204);
    const [run] = runsOf(await push("main", "ready"));
    await look.reached(run, "succeeded");

    const lines = (await look.output(run)).split("\n").sort();
    const sha = "a".repeat(40);
    assert.deepEqual(
      lines.filter((line) => line !== ""),
      ["  ***", "  ***", "  ***", "  ***", "***", `target main-${sha}, token ***, Bearer ***`].sort(),
    );
    const { stdout } = await place.cli("runs", "logs", String(run));
    assert.match(stdout, /token \*\*\*, Bearer \*\*\*/);

    const data = allBytes(join(place.folder, "data"));
    assert.ok(data.includes("target main-"));
    for (const secret of [TOKEN, ...KEY.split("\n"), Buffer.from(TOKEN).toString("base64")]) {
      assert.ok(!data.includes(secret), secret);
      assert.ok(!server.stderr().includes(secret), secret);
    }
  });

  it("fails with the reason while a secret is not set, and `check` warns of it", async (t) => {
    const hook = "on: push\nenv: { TOKEN: '${{ secrets.DEPLOY_TOKEN }}' }\nrun: echo ran";
    const place = workplace(t, { files: { "hooks/deploy.yml": hook } });
    const { ok, problems } = await place.json<{ ok: boolean; problems: object[] }>("check");
    const reason = "the secret DEPLOY_TOKEN is not set: set the variable DEPLOY_TOKEN or DEPLOY_TOKEN_FILE";
    assert.equal(ok, true);
    assert.deepEqual(problems, [
      {
        file: join(place.folder, "hooks/deploy.yml"),
        line: 2,
        column: 28,
        severity: "warning",
        message: `runs will fail: ${reason}`,
      },
    ]);

    const server = await place.serve();
    const look = await lookInto(t, place);
    const [run] = runsOf(await server.send());
    assert.equal((await look.reached(run, "failed")).reason, reason);
    assert.equal(await look.output(run), "");
  });
});
