import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, it, type TestContext } from "node:test";
import packageJson from "../../package.json" with { type: "json" };
import { loadSamples } from "../../src/github/samples.ts";
import { sign, verifySignature } from "../../src/lib/signature.ts";
import { SECRET } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { type Workplace, workplace } from "../support/server.ts";
import { type Received, startTarget } from "../support/target.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What reaches a target of one `longshore send` with these arguments. */
async function sent(t: TestContext, args: readonly string[], place = workplace(t)): Promise<Received> {
  const target = await startTarget(t);
  const { code, stderr } = await place.cli("send", ...args, "--to", `${target.url}/hooks`);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(target.received.length, 1);
  return target.received[0] ?? assert.fail();
}

async function sentPayload(t: TestContext, args: readonly string[], place?: Workplace) {
  return JSON.parse((await sent(t, args, place)).body) as Record<string, Record<string, unknown>>;
}

describe("send", { concurrency: 2 }, () => {
  it("sends a sample as GitHub would: method, path, headers, both signatures", async (t) => {
    const { method, path, headers, body } = await sent(t, ["push"]);
    assert.deepEqual([method, path], ["POST", "/hooks"]);
    const { Host, Connection, "X-GitHub-Delivery": guid, ...rest } = headers;
    assert.match(guid ?? "", UUID);
    assert.deepEqual(rest, {
      Accept: "*/*",
      "Content-Type": "application/json",
      "User-Agent": `Longshore/${packageJson.version}`,
      "X-GitHub-Event": "push",
      "X-GitHub-Hook-ID": "1",
      "X-GitHub-Hook-Installation-Target-ID": "1",
      "X-GitHub-Hook-Installation-Target-Type": "repository",
      "X-Hub-Signature": sign(SECRET, body, "sha1"),
      "X-Hub-Signature-256": sign(SECRET, body),
      "Content-Length": String(Buffer.byteLength(body)),
    });
    const { longshore_send, ...payload } = JSON.parse(body);
    assert.match(longshore_send, UUID);
    assert.deepEqual(
      loadSamples()
        .filter((sample) => JSON.stringify(sample.payload) === JSON.stringify(payload))
        .map(({ event }) => event),
      ["push"],
    );
    assert.match(payload.ref, /^refs\/heads\//);
    assert.equal(payload.deleted, false);
  });

  it("makes every body unlike any other, so that none is taken for a replay", async (t) => {
    const bodies = await Promise.all([sent(t, ["ping"]), sent(t, ["ping"])]);
    assert.notEqual(bodies[0].body, bodies[1].body);
  });

  it("signs with the secret that it is given, and takes GUID and webhook", async (t) => {
    const secret = "another secret of another server";
    const place = workplace(t, { environment: { GITHUB_WEBHOOK_SECRET: undefined } });
    const args = ["push", "--secret", secret, "--guid", "the-guid", "--webhook", "77"];
    const { headers, body } = await sent(t, args, place);
    assert.equal(verifySignature(secret, body, headers["X-Hub-Signature-256"] ?? ""), true);
    assert.deepEqual([headers["X-GitHub-Delivery"], headers["X-GitHub-Hook-ID"]], ["the-guid", "77"]);
  });

  it("sends a form as GitHub does, signed as it is", async (t) => {
    const { headers, body } = await sent(t, ["issues", "--form"]);
    assert.equal(headers["Content-Type"], "application/x-www-form-urlencoded");
    assert.equal(headers["X-Hub-Signature-256"], sign(SECRET, body));
    assert.doesNotMatch(body, /%20|[ {"]/);
    const { issue } = JSON.parse(new URLSearchParams(body).get("payload") ?? "");
    assert.equal(typeof issue.number, "number");
  });

  it("takes the action behind a dot, too", async (t) => {
    const { headers, body } = await sent(t, ["issues.reopened"]);
    assert.equal(headers["X-GitHub-Event"], "issues");
    assert.equal(JSON.parse(body).action, "reopened");
  });

  it("changes the sample as it is told", async (t) => {
    const [push, pullRequest] = await Promise.all([
      sentPayload(t, ["push", "--repo", "acme/site", "--branch", "dev/x", "--sha", "c".repeat(40)]),
      sentPayload(t, ["pull_request", "--action", "closed", "--branch", "release", "--sha", "d".repeat(40)]),
    ]);
    const { full_name, name, owner, url } = push.repository ?? {};
    assert.deepEqual([full_name, name, (owner as { login: string }).login], ["acme/site", "site", "acme"]);
    assert.match(String(url), /\/acme\/site$/);
    assert.deepEqual([push.ref, push.after], ["refs/heads/dev/x", "c".repeat(40)]);
    assert.equal(pullRequest.action, "closed");
    const { base, head } = pullRequest.pull_request as Record<string, Record<string, unknown>>;
    assert.deepEqual([base?.ref, head?.sha], ["release", "d".repeat(40)]);
  });

  it("sends a file of one's own, every byte of it, with one member more", async (t) => {
    const text = '{\n  "zen": "\\u00e9 é",\n  "n": 1.0,\n  "n": 2e3\n}\n';
    const place = workplace(t, { files: { "own.json": text, "empty.json": "{}" } });
    const { body, headers } = await sent(t, ["my_event", "--file", "own.json"], place);
    assert.equal(headers["X-GitHub-Event"], "my_event");
    assert.equal(body.replace(/,"longshore_send":"[0-9a-f-]{36}"/, ""), text);
    assert.match(
      (await sent(t, ["push", "--file", "empty.json"], place)).body,
      /^\{"longshore_send":"[^"]+"\}$/,
    );
  });

  const mistakes: [args: string[], said: RegExp][] = [
    [[], /^Name the event, such as `longshore send push`/],
    [["pussh"], /^There is no sample of "pussh"\. Did you mean "push"\? `longshore send --list` shows all\./],
    [["issues", "--action", "openned"], /with the action "openned"\. Did you mean "opened"\? There are: /],
    [["issues.openned"], /with the action "openned"\. Did you mean "opened"\? There are: /],
    [["isues.opened"], /^There is no sample of "isues"\. Did you mean "issues"\?/],
    [["issues."], /^"issues\." is no event: write it like push, or with its action like issues\.opened\./],
    [
      ["issues.opened", "--action", "closed"],
      /names the action "opened" and --action "closed": leave one out/,
    ],
    [["push", "--repo", "site"], /^"site" is no repository; write it as owner\/name\./],
    [["watch", "--branch", "x"], /^A sample of "watch" has no branch; leave out --branch\./],
    [["push", "--file", "missing.json"], /^missing\.json cannot be read: ENOENT/],
    [["push", "--to", "example.com"], /^"example\.com" is no http or https URL\./],
    [["push", "--source", "githob"], /^There is no source "githob"\. Did you mean "github"\?/],
  ];
  for (const [args, said] of mistakes) {
    it(`says what is wrong with \`${["send", ...args].join(" ")}\``, async (t) => {
      const { code, stdout, stderr } = await workplace(t).cli("send", ...args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, said);
    });
  }

  it("wants a server that has a secret", async (t) => {
    const place = workplace(t, { environment: { GITHUB_WEBHOOK_SECRET: undefined } });
    const { code, stderr } = await place.cli("send", "push");
    assert.equal(code, 2);
    assert.match(stderr, /^Source "github" has no secret yet: start the server once/);
  });

  it("asks whether the server runs when nobody answers", async (t) => {
    const port = await unusedPort();
    const place = workplace(t, { environment: { LONGSHORE_LISTEN: `127.0.0.1:${port}` } });
    const { code, stderr } = await place.cli("send", "push");
    assert.equal(code, 2);
    assert.match(stderr, /^http:\/\/127\.0\.0\.1:\d+\/github cannot be reached: .* Is the server running/);
  });

  it("fails when it is refused, and shows what was said", async (t) => {
    const target = await startTarget(t, 403);
    const place = workplace(t);
    const { code, stdout } = await place.cli("send", "push", "--to", target.url);
    assert.equal(code, 1);
    assert.match(stdout, /^403 from http:\/\/127\.0\.0\.1:\d+\/\n\{"runs":\[\]\}\n/);
    const asJson = await place.cli("send", "push", "--to", target.url, "--json", "--guid", "g");
    assert.equal(asJson.code, 1);
    assert.deepEqual(JSON.parse(asJson.stdout), {
      ...{ url: `${target.url}/`, guid: "g", status: 403, body: { runs: [] } },
    });
  });

  it("lists the events and actions that there are samples of", async (t) => {
    const place = workplace(t);
    const { items } = await place.json<{ items: { event: string; actions: string[] }[] }>("send", "--list");
    const events = new Map(items.map(({ event, actions }) => [event, actions]));
    assert.deepEqual(events.get("push"), []);
    assert.equal(events.get("pull_request")?.includes("opened"), true);
    assert.equal(events.size, new Set(loadSamples().map(({ event }) => event)).size);
    const { stdout } = await place.cli("send", "--list");
    assert.match(stdout, /^push$/m);
    assert.match(stdout, /^star: created, deleted$/m);
  });
});

describe("send to the server beside it", () => {
  it("finds its address, also a socket file, and its secret", async (t) => {
    const place = workplace(t, {
      files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" },
      environment: { LONGSHORE_LISTEN: "unix:longshore.sock" },
    });
    await place.serve();
    const look = await lookInto(t, place);
    const { code, stdout } = await place.cli("send", "push");
    assert.equal(code, 0);
    assert.match(stdout, /^202 from http:\/\/localhost\/github\n\{"delivery":1,"runs":\[1\]\}\n/);
    assert.match(stdout, /^What it printed: npx longshore runs logs 1 --follow$/m);
    await look.reached(1, "succeeded");

    const unmatched = await place.cli("send", "issues");
    assert.equal(unmatched.code, 0);
    assert.match(unmatched.stdout, /^204 from .*\nStored; no hook is for it\./);
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
