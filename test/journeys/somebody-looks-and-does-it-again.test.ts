import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { askAt } from "../support/admin.ts";
import { type Workplace, workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

function adminOf(place: Workplace, stdout: string) {
  const { adminUrl } = JSON.parse(stdout) as { adminUrl: string };
  const token = readFileSync(join(place.folder, "data/admin-token"), "utf8").trim();
  const headers = { authorization: `Bearer ${token}` };
  const get = (path: string) => askAt(`${adminUrl}${path}`, { headers });
  const post = (path: string, body: object = {}) =>
    askAt(`${adminUrl}${path}`, { method: "POST", body, headers });
  return { adminUrl, token, get, post };
}

describe("over the admin API of a running server", () => {
  it("somebody sees what failed and why, repairs the hook, and tries it again", async (t) => {
    const place = workplace(t, {
      files: { "hooks/deploy.yml": "on: push\nrun: echo oh no && exit 3\n" },
      environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" },
    });
    const server = await place.serve();
    const { adminUrl, token, get, post } = adminOf(place, server.stdout());
    await server.send();
    const failed = await until("the run has failed", async () => {
      const { json } = await get("/api/runs?status=failed");
      return json.items[0];
    });
    assert.equal(failed.exitCode, 3);
    const { json: output } = await get(`/api/runs/${failed.id}/output`);
    assert.equal(output.output[0].text, "oh no\n");

    place.write("hooks/deploy.yml", "on: push\nrun: echo good\nretries: 1\n");
    await until("the mistake is shown at its line", async () => {
      const { json } = await get("/api/hooks/deploy");
      return json.problems[0]?.line === 3 && json.loaded;
    });
    place.write("hooks/deploy.yml", "on: push\nrun: echo good\n");
    await until("the hook is right", async () => {
      const { json } = await get("/api/hooks/deploy");
      return json.problems.length === 0 && json.text.includes("good");
    });
    // The worker reads the same folder, in its own time.
    const { json: retried } = await post(`/api/runs/${failed.id}/retry`);
    const run = await until("the new run has ended", async () => {
      const { json } = await get(`/api/runs/${retried.retriedBy}`);
      return json.finishedAt === null ? undefined : json;
    });
    assert.equal(run.retryOf, failed.id);
    assert.equal(run.askedBy, "admin token");
    const { json: audit } = await get("/api/audit");
    assert.deepEqual(
      audit.items.map(({ action }: { action: string }) => action),
      ["retry run"],
    );

    assert.ok(!server.stderr().includes(token) && !server.stdout().includes(token), "the token is printed");
    const page = await askAt(`${adminUrl}/`, {});
    assert.equal(page.status, 200);
    assert.match(page.text, /<title>/);
  });

  it("a node that does nothing else serves it, and the receiver's listener knows nothing of it", async (t) => {
    const place = workplace(t, { environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" } });
    const first = await place.serve("--only", "receiver");
    const admin = await place.serve("--only", "admin");
    const { get } = adminOf(place, admin.stdout());
    assert.equal((await askAt(`${first.url.replace("/github", "")}/api/session`, {})).status, 404);
    await until("both nodes are seen", async () => {
      const { json } = await get("/api/nodes");
      return json.items.filter(({ state }: { state: string }) => state === "up").length === 2;
    });
    await admin.end("SIGTERM");
  });
});
