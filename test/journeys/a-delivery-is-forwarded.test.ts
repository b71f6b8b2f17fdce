import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { createNodeMiddleware, Webhooks } from "@octokit/webhooks";
import { startService } from "../support/far-side.ts";
import { delivery, FROM_GITHUB, pushPayload, SECRET } from "../support/github.ts";
import { fetchRaw } from "../support/http.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

const BY_GITHUB = { ...FROM_GITHUB, "user-agent": "GitHub-Hookshot/044aadd" };

/** A receiver as somebody else writes one, with GitHub's own package. */
async function startOctokit(t: TestContext, secret: string) {
  const webhooks = new Webhooks({ secret });
  const received: { id: string; name: string; payload: unknown }[] = [];
  webhooks.onAny(({ id, name, payload }) => void received.push({ id, name, payload }));
  const server = createServer(createNodeMiddleware(webhooks, { path: "/hooks" }));
  t.after(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, received };
}

describe("a delivery that GitHub has signed and a hook forwards", () => {
  it("is taken by another Longshore, and by octokit's receiver, each by its own secret", async (t) => {
    const second = workplace(t, {
      files: { "hooks/deploy.yml": 'on: push\nrun: echo "$GITHUB_REF by $GITHUB_ACTOR"\n' },
      environment: { GITHUB_WEBHOOK_SECRET: "the second one's secret" },
    });
    const behind = await second.serve();
    const octokit = await startOctokit(t, SECRET);
    const first = workplace(t, {
      files: {
        "hooks/relay.yml": `on: push\nforward: { url: "${behind.url}/github", secret: "\${{ secrets.SECOND }}" }\n`,
        "hooks/octokit.yml": `on: push\nforward: { url: "${octokit.url}", secret: source }\n`,
        ".env": "SECOND=the second one's secret\n",
      },
    });
    assert.deepEqual(await first.json("check"), { ok: true, problems: [] });
    const front = await first.serve();
    const sent = delivery({ body: pushPayload({ ref: "refs/heads/main" }), headers: BY_GITHUB });
    const answer = await fetchRaw(front.url, sent);

    const look = await lookInto(t, first);
    for (const run of runsOf(answer)) await look.reached(run, "succeeded");
    const lookBehind = await lookInto(t, second);
    const [arrived, ...more] = await lookBehind.deliveries();
    assert.deepEqual(more, []);
    assert.deepEqual([arrived?.guid, arrived?.webhookId, arrived?.event], [sent.guid, 1001, "push"]);
    await lookBehind.reached(arrived?.runs[0]?.id, "succeeded");
    assert.equal(await lookBehind.output(arrived?.runs[0]?.id), "refs/heads/main by alice\n");
    const { stdout: body } = await second.cli("deliveries", "show", "1", "--body");
    assert.equal(body, sent.body.toString());
    assert.deepEqual(octokit.received, [
      { id: sent.guid, name: "push", payload: JSON.parse(sent.body.toString()) },
    ]);
  });

  it("is shown with its answer, and no secret is in it", async (t) => {
    const service = await startService(t, (response, { headers }) =>
      response.writeHead(422, { "Set-Cookie": "sid=1" }).end(`\u001b[2Jno: ${headers.authorization}`),
    );
    const place = workplace(t, {
      files: {
        "hooks/relay.yml": `on: push\nforward:\n  url: ${service.url}/in?key=abc\n  headers: { Authorization: "Bearer \${{ secrets.TOKEN }}" }\n`,
        ".env": "TOKEN=hunter2-hunter2\n",
      },
    });
    const server = await place.serve();
    const [run] = runsOf(await server.send());
    await (await lookInto(t, place)).reached(run, "failed");
    const { stdout } = await place.cli("runs", "show", String(run));
    assert.match(stdout, /^reason {5}answered 422 Unprocessable Entity$/m);
    assert.match(stdout, /^answer to attempt 1: 422$/m);
    assert.match(stdout, /^ {2}␛\[2Jno: Bearer \*\*\*$/m);
    const logs = await place.cli("runs", "logs", String(run));
    assert.match(logs.stdout, /^POST http:\/\/127\.0\.0\.1:\d+\/in\?… → 422 Unprocessable Entity in /);
    const { answer } = await place.json<{ answer: Record<string, unknown> }>("runs", "show", String(run));
    assert.deepEqual([answer.status, answer.body], [422, "\u001b[2Jno: Bearer ***"]);
    for (const shown of [stdout, logs.stdout, JSON.stringify(answer), server.stderr()])
      assert.doesNotMatch(shown, /hunter2|key=abc|sid=1/);
  });

  it("goes nowhere near this machine when the settings say so", async (t) => {
    const service = await startService(t);
    const place = workplace(t, {
      files: {
        "longshore.yml": "forward: { allow-private: false }\n",
        "hooks/relay.yml": `on: push\nforward: http://localhost:${service.port}/\n`,
      },
    });
    const server = await place.serve();
    const [run] = runsOf(await server.send());
    const { reason } = await (await lookInto(t, place)).reached(run, "failed");
    assert.match(
      reason ?? "",
      /^localhost: (127\.0\.0\.1|::1) is a loopback address, and the settings say `forward\.allow-private: false`$/,
    );
    assert.deepEqual(service.requests, []);
  });
});
