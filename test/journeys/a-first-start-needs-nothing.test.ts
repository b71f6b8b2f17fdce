import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";

describe("a first start", () => {
  it("makes a secret and an example hook that runs, and a second start keeps both", async (t) => {
    const place = workplace(t);
    delete place.environment.GITHUB_WEBHOOK_SECRET;
    const server = await place.serve();
    const look = await lookInto(t, place);
    const secretFile = join(place.folder, "data", "secrets", "github");
    const secret = readFileSync(secretFile, "utf8");
    const [value = ""] = secret.split("\t");
    assert.match(value, /^[A-Za-z0-9_-]{43}$/);

    const sent = await place.json<{ status: number; body: { runs: number[] } }>(
      ...["send", "push", "--to", `${server.url}/github`],
    );
    assert.equal(sent.status, 202);
    const run = await look.reached(sent.body.runs[0], "succeeded");
    assert.equal(run.hook, "hello");
    assert.match(await look.output(run.id), /^Hello from Longshore: \S+ pushed to \S+ of \S+\.\n/);
    assert.equal((server.stdout() + server.stderr()).includes(value), false);
    await server.end("SIGTERM");

    place.write("hooks/hello.yml", "on: push\nrun: echo changed");
    const second = await place.serve();
    assert.equal(readFileSync(secretFile, "utf8"), secret);
    assert.equal(readFileSync(join(place.folder, "hooks", "hello.yml"), "utf8").includes("changed"), true);
    assert.equal((await second.send({ secret: value })).status, 202);
  });

  it("makes no example where there are hooks, and none again when they are gone", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" } });
    const server = await place.serve();
    assert.deepEqual(JSON.parse(server.stdout()).hooks, ["deploy"]);
    await server.end("SIGTERM");

    rmSync(join(place.folder, "hooks"), { recursive: true });
    assert.deepEqual(JSON.parse((await place.serve()).stdout()).hooks, []);
  });

  it("keeps what it stores to its owner alone, whatever the umask", async (t) => {
    const place = workplace(t);
    delete place.environment.GITHUB_WEBHOOK_SECRET;
    const before = process.umask(0);
    try {
      await place.serve();
    } finally {
      process.umask(before);
    }
    const modes = ["data", "data/longshore.db", "data/secrets", "data/secrets/github"].map(
      (path) => [path, (statSync(join(place.folder, path)).mode & 0o777).toString(8)] as const,
    );
    assert.deepEqual(modes, [
      ["data", "700"],
      ["data/longshore.db", "600"],
      ["data/secrets", "700"],
      ["data/secrets/github", "600"],
    ]);
  });
});
