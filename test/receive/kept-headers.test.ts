import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { readContents } from "../../src/store/deliveries.ts";
import { deliveryOf } from "../support/contract.ts";
import { delivery, SECRET } from "../support/github.ts";
import { startReceiver } from "../support/receiver.ts";
import { startUpload } from "../support/upload.ts";

const receiver = await startReceiver({ after });

/** What is kept of a delivery that also had these headers. */
async function keptOf(headers: Record<string, string | string[]>) {
  const answer = await receiver.send({ headers });
  const { id } = await deliveryOf(receiver, answer);
  return (await readContents(receiver.db, id))?.headers ?? [];
}

describe("the headers of a delivery", () => {
  it("are kept as far as they say what it is", async () => {
    const sent = delivery({
      headers: { "user-agent": "GitHub-Hookshot/044aadd", "x-forwarded-for": "140.82.112.1" },
    });
    const { id } = await deliveryOf(receiver, await receiver.send(sent));
    const contents = await readContents(receiver.db, id);
    assert.deepEqual(contents?.headers.toSorted(), [
      ["content-type", "application/json"],
      ["user-agent", "GitHub-Hookshot/044aadd"],
      ["x-github-delivery", sent.guid],
      ["x-github-event", "push"],
      ["x-github-hook-id", "1001"],
      ["x-github-hook-installation-target-id", "1"],
      ["x-github-hook-installation-target-type", "repository"],
    ]);
  });

  for (const name of [
    "x-github-enterprise-host",
    "x-github-enterprise-version",
    "x-github-something-new",
    "x-gitea-event",
    "x-gitea-delivery",
    "x-forgejo-event",
  ]) {
    it(`are kept: ${name}`, async () => {
      assert.deepEqual(
        (await keptOf({ [name]: "a value, as it is" })).filter(([kept]) => kept === name),
        [[name, "a value, as it is"]],
      );
    });
  }

  for (const name of [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-hub-signature",
    "x-gitea-signature",
    "x-forgejo-signature",
    "x-github-token",
    "x-github-secret",
    "x-gogs-event",
    "x-gitlab-token",
    "x-api-key",
    "via",
    "forwarded",
    "x-forwarded-host",
    "x-real-ip",
    "cf-connecting-ip",
    "accept",
    "accept-encoding",
    "x-githubby",
    "my-x-github-event",
  ]) {
    it(`are not kept: ${name}`, async () => {
      const headers = { [name]: "not to be kept", "x-forwarded-for": "140.82.112.1" };
      const kept = await keptOf(headers);
      assert.deepEqual(
        kept.filter(([other, value]) => other === name || value === "not to be kept"),
        [],
      );
    });
  }

  it("are no replay kit: neither the signature nor the secret is stored anywhere", async () => {
    const sent = delivery();
    const { id } = await deliveryOf(receiver, await receiver.send(sent));
    const signature = String(sent.headers?.["x-hub-signature-256"]).slice("sha256=".length);
    const kept = await readContents(receiver.db, id);
    const row = await receiver.db.selectFrom("deliveries").selectAll().where("id", "=", id).execute();
    const everything = JSON.stringify([
      kept?.headers,
      row,
      await receiver.db.selectFrom("secret_uses").selectAll().execute(),
    ]);
    assert.ok(!everything.includes(signature));
    assert.ok(!everything.includes(SECRET));
  });

  it("keep their order, their repetitions, and names in lower case", async () => {
    const { headers = {}, body } = delivery({ body: '{"ref":"refs/heads/main"}' });
    const lines = [
      "X-GitHub-Second: 2",
      `X-Hub-Signature-256: ${headers["x-hub-signature-256"]}`,
      "X-GITHUB-FIRST: 1",
      "x-github-second: 3",
      "X-GitHub-Event: push",
      "Content-Type: application/json",
      "X-GitHub-Delivery: in-order",
    ];
    const head = `POST /github HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.join("\r\n")}\r\n`;
    const upload = startUpload(receiver.url, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    assert.match(await upload.answer, /^HTTP\/1\.1 202 /);
    const row = await receiver.db
      .selectFrom("deliveries")
      .select("id")
      .orderBy("id", "desc")
      .executeTakeFirst();
    const contents = await readContents(receiver.db, row?.id ?? 0);
    assert.deepEqual(contents?.headers, [
      ["x-github-second", "2"],
      ["x-github-first", "1"],
      ["x-github-second", "3"],
      ["x-github-event", "push"],
      ["content-type", "application/json"],
      ["x-github-delivery", "in-order"],
    ]);
  });
});
