/**
 * A server that has seen something: hooks of several kinds, deliveries of several days, runs of every outcome, one that
 * goes on. For pictures of the dashboard.
 */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sample } from "../test/support/github.ts";
import { type TestServer, type Workplace, workplace } from "../test/support/server.ts";
import type { Scope } from "../test/support/temporary.ts";
import { until } from "../test/support/until.ts";

const SETTINGS = `public-url: https://hooks.example.org
sources:
  github:
    path: /github
    secrets: ["\${{ secrets.GITHUB_WEBHOOK_SECRET }}"]
    allow-from: [github, loopback]
`;

const DEPLOY = `on:
  push:
    branches: [main]
repositories: [acme/site]
concurrency:
  group: deploy
  cancel-in-progress: true
env:
  TARGET: production
run: |
  echo "::group::Fetch"
  printf '\\033[36mremote:\\033[0m Counting objects: 42, done.\\n'
  echo "From https://git.example.org/acme/site"
  echo "::endgroup::"
  echo "::group::Build"
  printf '\\033[1mvite\\033[0m building for \\033[33mproduction\\033[0m\\n'
  for page in index about blog contact imprint; do printf '\\033[32m  ok\\033[0m  %s.html\\n' "$page"; done
  echo "::warning file=src/blog.md,line=12::The picture has no description"
  echo "::endgroup::"
  printf '\\033[1;32mDeployed\\033[0m %s to %s\\n' "$GITHUB_SHA" "$TARGET"
  {
    echo "### Deployed to $TARGET"
    echo
    echo "| page | size |"
    echo "| --- | ---: |"
    echo "| index.html | 4.1 KB |"
    echo "| blog.html | 18.6 KB |"
    echo
    echo "- [x] built"
    echo "- [x] published"
  } >> "$GITHUB_STEP_SUMMARY"
`;

const TESTS = `on:
  pull_request:
    types: [opened, synchronize, edited]
retry:
  max-attempts: 2
  backoff: 1s
run: |
  echo "Running 3 suites"
  printf '\\033[32mPASS\\033[0m parser\\n\\033[32mPASS\\033[0m printer\\n\\033[31mFAIL\\033[0m reader\\n'
  echo "::error file=test/reader.test.js,line=31,title=reader::expected 3, got 4"
  exit 1
`;

const BACKUP = `on:
  release:
    types: [published, released, created]
run: |
  echo "Copying the archive"
  for part in $(seq 1 600); do printf 'part %s of 600 \\033[2mdone\\033[0m\\n' "$part"; sleep 1; done
`;

const GREET = `on: [issues, star, fork, watch]
run: echo "hello $GITHUB_ACTOR"
`;

const BROKEN = `on:
  push:
    branchs: [main]
run: |
  echo "never"
`;

export interface Seeded {
  place: Workplace;
  server: TestServer;
}

/** @returns the server, which goes on with one run. */
export async function startSeededServer(t: Scope): Promise<Seeded> {
  const place = workplace(t, {
    environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" },
    files: {
      "longshore.yml": SETTINGS,
      "hooks/deploy.yml": DEPLOY,
      "hooks/checks/tests.yml": TESTS,
      "hooks/backup.yml": BACKUP,
      "hooks/greet.yml": GREET,
    },
  });
  const first = await place.serve();
  await sendHistory(first);
  await until("all runs have ended", async () => {
    const { items } = await place.json<{ items: { finishedAt: string | null }[] }>(
      "runs",
      "list",
      "--limit",
      "200",
    );
    return items.length > 0 && items.every(({ finishedAt }) => finishedAt !== null);
  });
  await first.end("SIGTERM");
  spreadOverTheLastDay(join(place.folder, "data/longshore.db"));
  place.write("hooks/broken.yml", BROKEN);
  const server = await place.serve();
  await sendNews(server);
  await place.json("token", "add", "ann", "--role", "viewer");
  await place.json("token", "add", "ops-robot", "--role", "admin");
  return { place, server };
}

async function sendHistory(server: TestServer): Promise<void> {
  for (let round = 0; round < 30; round++) {
    const branch = round % 3 === 0 ? "dev" : "main";
    const sha = String(round + 10).repeat(20);
    await server.send({ event: "push", body: pushTo(branch, sha, round % 2 === 0 ? "alice" : "bob") });
    const others: [every: number, event: string, action: string][] = [
      [4, "pull_request", "opened"],
      [5, "issues", "opened"],
      [7, "star", "created"],
      [6, "check_run", "completed"],
    ];
    // Each of its own, save one that comes twice and is held back.
    for (const [every, event, action] of others)
      if (round % every === 0)
        await server.send({ event, body: { ...sample(event, action), round: Math.max(round, 5) } });
  }
}

async function sendNews(server: TestServer): Promise<void> {
  await server.send({ event: "push", body: pushTo("main", "c0ffee".repeat(7).slice(0, 40), "alice") });
  await server.send({ event: "push", body: pushTo("dev", "0ddba11".repeat(6).slice(0, 40), "bob") });
  await server.send({
    event: "push",
    secret: "somebody's guess",
    body: pushTo("main", "bad".repeat(14).slice(0, 40), "mallory"),
  });
  await server.send({
    event: "push",
    headers: { "x-hub-signature-256": undefined, "x-hub-signature": undefined },
  });
  await server.send({ event: "release", body: sample("release", "published") });
}

function pushTo(branch: string, sha: string, login: string): object {
  const push = sample("push");
  const repository = { ...(push.repository as object), name: "site", full_name: "acme/site" };
  return {
    ...push,
    repository,
    ref: `refs/heads/${branch}`,
    before: "1".repeat(40),
    after: sha,
    created: false,
    deleted: false,
    head_commit: { ...(push.head_commit as object), id: sha, message: "Say hello" },
    sender: { ...(push.sender as object), login },
  };
}

/** As if it had not all come within the same minute: the older, the earlier. */
function spreadOverTheLastDay(file: string): void {
  const db = new DatabaseSync(file);
  const { last } = db.prepare("select max(id) as last from deliveries").get() as { last: number };
  const earlierMs = (id: string) => `cast((${last} - ${id} + 1) * 86400000.0 / (${last} + 1) as integer)`;
  db.exec(`update deliveries set received_at = received_at - ${earlierMs("id")}`);
  const deliveryOfAttempt = "(select delivery_id from runs where runs.id = attempts.run_id)";
  const columns = ["queued_at", "due_at", "started_at", "finished_at"];
  db.exec(
    `update runs set ${columns.map((column) => `${column} = ${column} - ${earlierMs("delivery_id")}`).join(", ")}`,
  );
  db.exec(
    `update attempts set started_at = started_at - ${earlierMs(deliveryOfAttempt)}, finished_at = finished_at - ${earlierMs(deliveryOfAttempt)}`,
  );
  db.close();
}
