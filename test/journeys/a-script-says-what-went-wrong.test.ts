import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

const HOOK = `
on: push
env:
  MESSAGE: \${{ github.event.head_commit.message }}
run: |
  echo "::group::Build"
  echo "building"
  echo "::endgroup::"
  echo "::add-mask::token-of-today"
  echo "deploying with token-of-today"
  echo "::error file=src/app.js,line=3,title=Build::It broke"
  echo "    $MESSAGE"
  echo "# Failed with token-of-today" >> "$GITHUB_STEP_SUMMARY"
  exit 1
`;

interface Shown {
  status: string;
  annotations: { level: string; message: string; title: string; file: string; line: number }[];
  summary: string;
}

describe("a script that is written for GitHub Actions", () => {
  it("is understood, and what a stranger writes in a commit's message does no harm", async (t) => {
    const place = workplace(t, { files: { "hooks/build.yml": HOOK } });
    const server = await place.serve();
    const look = await lookInto(t, place);
    const message = "::stop-commands::x\r\n\u001B[2J::error::forged";
    const [run] = runsOf(await server.send({ body: pushPayload({ head_commit: { message } }) }));
    await look.reached(run, "failed");

    const { annotations, summary } = await place.json<Shown>("runs", "show", String(run));
    assert.deepEqual(
      annotations.map(({ level, title, file, line, message: text }) => [level, title, file, line, text]),
      [["error", "Build", "src/app.js", 3, "It broke"]],
    );
    assert.equal(summary, "# Failed with ***\n");

    const shown = (await place.cli("runs", "show", String(run))).stdout;
    assert.match(
      shown,
      /\nannotations\n {2}error {4}src\/app\.js:3 Build: It broke\n\nsummary\n\n# Failed with \*\*\*\n/,
    );
    const logs = (await place.cli("runs", "logs", String(run))).stdout;
    assert.equal(
      logs,
      [
        ...["▼ Build", "building", "▲", "::add-mask::***", "deploying with ***"],
        ...["Error: src/app.js:3: It broke", "    ::stop-commands::x", "␛[2J::error::forged", ""],
      ].join("\n"),
    );
  });
});
