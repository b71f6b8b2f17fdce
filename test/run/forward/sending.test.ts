import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, describe, it } from "node:test";
import packageJson from "../../../package.json" with { type: "json" };
import { sign, verifySignature } from "../../../src/lib/signature.ts";
import { findDelivery, readContents } from "../../../src/store/deliveries.ts";
import { forwardTo, ONCE, startService } from "../../support/far-side.ts";
import { pushPayload } from "../../support/github.ts";
import { startWorker } from "../../support/worker.ts";

const SECRETS = { TOKEN: "hunter2-hunter2", KEY: "k", CI: "ci's secret" };
const work = await startWorker({ after }, { concurrency: 16, secrets: SECRETS });

const FORK = {
  event: "pull_request",
  payload: {
    action: "opened",
    repository: { full_name: "acme/site" },
    pull_request: {
      number: 7,
      head: { ref: "x", repo: { full_name: "mallory/site" } },
      base: { ref: "main" },
    },
  },
};

describe("a forwarded delivery", { concurrency: true }, () => {
  for (const form of [false, true]) {
    it(`arrives by POST, byte for byte, with the headers that were kept${form ? ", as a form" : ""}`, async (t) => {
      const service = await startService(t);
      const type = form ? "application/x-www-form-urlencoded" : "application/json";
      const guid = randomUUID();
      const run = await work.start(
        work.hook("", { ...ONCE, work: forwardTo(`${service.url}/in/%41?key=a%20b&x`) }),
        {
          guid,
          form,
          payload: pushPayload({ message: "Ünïcode ☃\u0000\n", spaces: "  " }),
          headers: [
            ["content-type", type],
            ["user-agent", "GitHub-Hookshot/044aadd"],
            ["x-github-event", "push"],
            ["x-github-delivery", guid],
            ["x-github-many", "a"],
            ["x-github-many", "b"],
          ],
        },
      );
      const { status, exitCode, reason, deliveryId } = await work.ended(run);
      assert.deepEqual([status, exitCode, reason], ["succeeded", null, null]);
      const [request, ...more] = service.requests;
      assert.deepEqual(more, []);
      assert.deepEqual([request?.method, request?.path], ["POST", "/in/%41?key=a%20b&x"]);
      const contents = await readContents(work.store.db, deliveryId);
      assert.deepEqual(request?.body, contents?.body);
      assert.deepEqual(request?.headers, {
        "accept-encoding": "identity",
        connection: "close",
        "content-length": String(contents?.body.length),
        "content-type": type,
        host: `127.0.0.1:${service.port}`,
        "user-agent": `Longshore/${packageJson.version} (for GitHub-Hookshot/044aadd)`,
        "x-github-delivery": guid,
        "x-github-event": "push",
        "x-github-many": "a, b",
      });
    });
  }

  it("has the hook's own headers, with expressions, in UTF-8, in the place of those that were kept", async (t) => {
    const service = await startService(t);
    const headers = {
      Authorization: "Bearer ${{ secrets.TOKEN }}",
      "X-GitHub-Event": "renamed",
      "X-Team": "${{ vars.team }}/${{ github.ref_name }}/${{ github.run_attempt }}",
      "User-Agent": "mine",
      "X-Title": "${{ github.event.title }}",
      "X-Empty": "",
    };
    const hook = work.hook("", {
      ...ONCE,
      work: forwardTo(service.url, { headers }),
      vars: { TEAM: "blue" },
    });
    await work.ended(await work.start(hook, { payload: pushPayload({ title: "Ünïcode ☃" }) }));
    const sent = service.requests[0]?.headers ?? {};
    const { authorization, "user-agent": agent } = sent;
    assert.deepEqual([authorization, agent], ["Bearer hunter2-hunter2", "mine"]);
    assert.deepEqual([sent["x-github-event"], sent["x-team"]], ["renamed", "blue/main/1"]);
    assert.equal(sent["x-empty"], "");
    assert.equal(Buffer.from(String(sent["x-title"]), "latin1").toString(), "Ünïcode ☃");
  });

  it("is not sent when a header would have a line end in it, which another attempt would not change", async (t) => {
    const service = await startService(t);
    const headers = { "X-Title": "${{ github.event.title }}" };
    const hook = work.hook("", {
      ...ONCE,
      work: forwardTo(service.url, { headers }),
      retry: { maxAttempts: 3, backoffMs: 0, maxBackoffMs: 0 },
    });
    const run = await work.start(hook, { payload: pushPayload({ title: "a\r\nX-Admin: yes" }) });
    const { status, reason, attempt } = await work.ended(run);
    assert.deepEqual([status, attempt], ["failed", 1]);
    assert.equal(
      reason,
      "the header X-Title cannot be sent: its value has a line end or another control character",
    );
    assert.deepEqual(service.requests, []);
  });

  it("that was made by hand, and came without headers, says its event and its GUID", async (t) => {
    const service = await startService(t);
    const headers = [["content-type", "application/json"]] as const;
    const hook = work.hook("", { ...ONCE, work: forwardTo(service.url) });
    await work.ended(await work.start(hook, { guid: "by-hand:7", event: "workflow_dispatch", headers }));
    const { "x-github-event": event, "x-github-delivery": guid } = service.requests[0]?.headers ?? {};
    assert.deepEqual([event, guid], ["workflow_dispatch", "by-hand:7"]);
  });

  it("of 25 MiB arrives whole", async (t) => {
    const service = await startService(t);
    const hook = work.hook("", { ...ONCE, work: forwardTo(service.url, { secret: "${{ secrets.KEY }}" }) });
    const payload = pushPayload({ padding: "ü".repeat(12 * 1024 ** 2) });
    await work.ended(await work.start(hook, { payload }));
    const { body, headers } = service.requests[0] ?? assert.fail();
    assert.equal(body.length, Buffer.byteLength(JSON.stringify(payload)));
    assert.ok(verifySignature("k", body, String(headers["x-hub-signature-256"])));
  });

  it("is sent although it is older than one that has succeeded: that is for the other side to judge", async (t) => {
    const service = await startService(t);
    const hook = work.hook("", { ...ONCE, work: forwardTo(service.url) });
    for (const pushedAt of [2_000, 1_000])
      assert.equal((await work.ended(await work.start(hook, { pushedAt }))).status, "succeeded");
    assert.equal(service.requests.length, 2);
  });
});

describe("the signature of a forwarded delivery", { concurrency: true }, () => {
  it("is absent without a secret: GitHub's own was never kept", async (t) => {
    const service = await startService(t);
    await work.ended(await work.start(work.hook("", { ...ONCE, work: forwardTo(service.url) })));
    const names = Object.keys(service.requests[0]?.headers ?? {});
    assert.deepEqual(
      names.filter((name) => name.includes("signature")),
      [],
    );
  });

  it("is made with the secret that the hook names", async (t) => {
    const service = await startService(t);
    const hook = work.hook("", { ...ONCE, work: forwardTo(service.url, { secret: "${{ secrets.CI }}" }) });
    await work.ended(await work.start(hook));
    const { headers, body } = service.requests[0] ?? assert.fail();
    assert.equal(headers["x-hub-signature-256"], sign("ci's secret", body));
    assert.equal(headers["x-hub-signature"], sign("ci's secret", body, "sha1"));
  });

  it("is made with the secret that the delivery itself was signed with, or with the newest", async (t) => {
    const live = [
      { name: "new", value: "the new secret" },
      { name: "old", value: "the old secret" },
    ];
    const asked: string[] = [];
    const sourceSecrets = (source: string) => {
      asked.push(source);
      return live;
    };
    const work = await startWorker(t, { forwarding: { sourceSecrets } });
    const service = await startService(t);
    const hook = work.hook("", { ...ONCE, work: forwardTo(service.url, { secret: "source" }) });
    for (const secret of ["old", "removed"])
      await work.ended(await work.start(hook, { secret, source: "team" }));
    const signatures = service.requests.map(({ headers }) => headers["x-hub-signature-256"]);
    const [first, second] = service.requests.map(({ body }) => body);
    assert.deepEqual(signatures, [sign("the old secret", first ?? ""), sign("the new secret", second ?? "")]);
    assert.deepEqual(asked, ["team", "team"]);
  });

  for (const [secret, reason] of [
    ["source", "`forward.secret: source` has nothing to sign with: the source github has no secret here"],
    ["${{ secrets.NOPE }}", "the secret NOPE is not set: set the variable NOPE or NOPE_FILE"],
    ["${{ secrets.KEY && '' }}", "`forward.secret` is empty: nothing can be signed with it"],
    ["${{ fromJSON(secrets.KEY) }}", "`forward.secret` cannot be evaluated: fromJSON: the text is not JSON"],
  ] as const) {
    it(`cannot be made with ${secret}: nothing is sent`, async (t) => {
      const service = await startService(t);
      const hook = work.hook("", { ...ONCE, work: forwardTo(service.url, { secret }) });
      const { status, reason: said } = await work.ended(await work.start(hook));
      assert.deepEqual([status, said], ["failed", reason]);
      assert.deepEqual(service.requests, []);
    });
  }
});

describe("what is forwarded from a fork", { concurrency: true }, () => {
  it("is given no secrets: headers are without them, and nothing is sent unsigned that is to be signed", async (t) => {
    const service = await startService(t);
    const on = [{ event: "pull_request" }];
    const headers = { Authorization: "Bearer ${{ secrets.TOKEN }}" };
    const plain = work.hook("", { on, forks: "run", ...ONCE, work: forwardTo(service.url, { headers }) });
    assert.equal((await work.ended(await work.start(plain, FORK))).status, "succeeded");
    assert.equal(service.requests[0]?.headers.authorization, "Bearer");

    const secret = "${{ secrets.TOKEN }}";
    const signed = work.hook("", { on, forks: "run", ...ONCE, work: forwardTo(service.url, { secret }) });
    const { status, reason } = await work.ended(await work.start(signed, FORK));
    assert.equal(status, "failed");
    assert.equal(
      reason,
      "`forward.secret` is empty, because what comes from a fork is given no secrets; `forward.secret: source` signs it all the same",
    );
    assert.equal(service.requests.length, 1);
  });

  it("can be signed with the source's secret, as GitHub has signed it", async (t) => {
    const sourceSecrets = () => [{ name: "only", value: "the source's" }];
    const work = await startWorker(t, { forwarding: { sourceSecrets } });
    const service = await startService(t);
    const hook = work.hook("", {
      on: [{ event: "pull_request" }],
      forks: "run",
      ...ONCE,
      work: forwardTo(service.url, { secret: "source" }),
    });
    const run = await work.ended(await work.start(hook, FORK));
    const { body, headers } = service.requests[0] ?? assert.fail();
    assert.equal(headers["x-hub-signature-256"], sign("the source's", body));
    assert.ok(await findDelivery(work.store.db, run.deliveryId));
  });
});
