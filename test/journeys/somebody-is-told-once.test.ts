import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Webhooks } from "@octokit/webhooks";
import { startService } from "../support/far-side.ts";
import { pushPayload } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

describe("who is to be notified", () => {
  it("is told once when a hook begins to fail, and once when it succeeds again", async (t) => {
    const chat = await startService(t);
    const place = workplace(t, { environment: { CHAT_SECRET: "a secret of the chat's own" } });
    const told = join(place.folder, "told");
    const broken = join(place.folder, "broken");
    place.write(
      "longshore.yml",
      `notify:
  - forward: { url: "${chat.url}/in", secret: "\${{ secrets.CHAT_SECRET }}" }
  - on: recovered
    hooks: "deploy*"
    env: { HOOK: "\${{ github.event.hook }}" }
    run: echo "$HOOK $LONGSHORE_STATUS:$LONGSHORE_EXIT_CODE $GITHUB_REPOSITORY $GITHUB_REF_NAME" >> ${told}
`,
    );
    place.write("hooks/deploy.yml", `on: push\nrun: "[ ! -e ${broken} ]"\n`);
    place.write("broken", "");
    const server = await place.serve();
    const look = await lookInto(t, place);
    const push = async () => {
      const { json } = await server.send();
      return look.ended((json as { runs: number[] }).runs[0]);
    };
    assert.equal((await push()).status, "failed");
    assert.equal((await push()).status, "failed");
    // Another branch has a state of its own.
    await server.send({ body: pushPayload({ ref: "refs/heads/dev", deleted: false }) });
    await until("the two branches are told of", () => chat.requests.length === 2);

    place.write("hooks/deploy.yml", 'on: push\nrun: "true"\n');
    await until("it succeeds", async () => (await push()).status === "succeeded");
    await push();
    await until("the script has told", () => existsSync(told) && readFileSync(told, "utf8") !== "");
    await until("the chat was told", () => chat.requests.length === 3);
    assert.equal(readFileSync(told, "utf8"), "deploy succeeded:0 acme/site main\n");

    const messages = chat.requests.map(({ body }) => JSON.parse(body.toString()));
    const main = messages.filter(({ delivery }) => delivery.ref === "refs/heads/main");
    assert.deepEqual(
      main.map(({ action, text }) => [action, text]),
      [
        ["failed", `deploy has failed on acme/site main: exit code 1 (run ${main[0]?.run.id})`],
        ["recovered", `deploy succeeds again on acme/site main (run ${main[1]?.run.id})`],
      ],
    );
    assert.equal(main[0]?.run.status, "failed");
    const { headers, body } = chat.requests[0] ?? assert.fail();
    assert.equal(headers["x-github-event"], "notification");
    const receiver = new Webhooks({ secret: "a secret of the chat's own" });
    assert.ok(await receiver.verify(body.toString(), String(headers["x-hub-signature-256"])));
    const notifications = (await look.runs()).filter(({ hook }) => hook.startsWith("_notify-"));
    for (const { id } of notifications) await look.reached(id, "succeeded");
    assert.equal(notifications.length, 4);
  });
});
