import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { assertRefused, storedDeliveries } from "../support/contract.ts";
import { delivery, FROM_GITHUB, pushOfSize } from "../support/github.ts";
import { fetchRaw, talk } from "../support/http.ts";
import { startReceiver } from "../support/receiver.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { headOf, startUpload, type Upload } from "../support/upload.ts";

const receiver = await startReceiver({ after });

describe("a socket file", () => {
  it("is listened on, and admits as loopback does", async (t) => {
    const socketPath = join(temporaryFolder(t), "longshore.sock");
    const atSocket = await startReceiver(t, { socketPath });
    assert.equal(atSocket.url, `unix:${socketPath}`);
    const send = (headers: Record<string, string> = {}) =>
      fetchRaw("http://localhost", { ...delivery({ headers }), socketPath });
    assert.equal((await send()).status, 202);
    assert.equal((await send(FROM_GITHUB)).status, 202);
    assertRefused(await send({ "user-agent": "GitHub-Hookshot/1" }), 403, "sender_hidden");
    assertRefused(await send({ "x-forwarded-for": "203.0.113.9" }), 403, "address_not_allowed");
    assert.deepEqual(
      (await storedDeliveries(atSocket)).map(({ client }) => client),
      ["127.0.0.1", "140.82.112.1"],
    );
  });

  it("that a killed server left behind is taken over", async (t) => {
    const socketPath = join(temporaryFolder(t), "longshore.sock");
    await leaveStaleSocket(socketPath);
    assert.ok(existsSync(socketPath));
    await startReceiver(t, { socketPath });
    assert.equal((await fetchRaw("http://localhost", { ...delivery(), socketPath })).status, 202);
  });

  it("that another server listens on stays that server's", async (t) => {
    const socketPath = join(temporaryFolder(t), "longshore.sock");
    const first = await startReceiver(t, { socketPath });
    await assert.rejects(startReceiver(t, { socketPath }), { code: "EADDRINUSE" });
    assert.equal((await fetchRaw("http://localhost", { ...delivery(), socketPath })).status, 202);
    assert.equal((await storedDeliveries(first)).length, 1);
  });

  it("is never made in the place of a file", async (t) => {
    const path = join(temporaryFolder(t), "notes.txt");
    writeFileSync(path, "not to be lost");
    await assert.rejects(startReceiver(t, { socketPath: path }), { code: "EADDRINUSE" });
    assert.equal(readFileSync(path, "utf8"), "not to be lost");
  });
});

/** Leaves a socket file as a process does that is killed: nobody listens, and nobody has removed it. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  await new Promise((resolve) => spawn(process.execPath, ["-e", script, path]).once("exit", resolve));
}

describe("what is no HTTP request", () => {
  const cases: [what: string, text: string | Buffer, status: number][] = [
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n", 400],
    ["a TLS greeting", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]), 400],
    ["an unknown method", "PUSH /github HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["a version that does not exist", "POST /github HTTP/7.1\r\nHost: x\r\n\r\n", 400],
    ["a header without a name", "POST /github HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", 400],
    [
      "two lengths",
      "POST /github HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      400,
    ],
    ["a length that is no number", "POST /github HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400],
    [
      "a length and chunks",
      "POST /github HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      400,
    ],
    [
      "headers of more than 16 KiB",
      `POST /github HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`,
      431,
    ],
    ["a path of more than 16 KiB", `POST /${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ];
  for (const [what, text, status] of cases) {
    it(`is answered with ${status} and why (story 7): ${what}`, async () => {
      const answer = await talk(receiver.url, [text]);
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(head, /content-type: application\/json/i);
      assert.equal(JSON.parse(body).error.code, "header_invalid");
    });
  }

  it("ends the request whose chunks it is, and nothing of that is stored", async () => {
    const sent = delivery({ headers: { "transfer-encoding": "chunked" } });
    const text = await talk(receiver.url, [headOf(sent), "3\r\n{}x\r\nnonsense\r\n"]);
    assert.match(text, /^HTTP\/1\.1 400 .*"header_invalid"/s);
    const stored = await storedDeliveries(receiver);
    assert.deepEqual(
      stored.filter(({ guid }) => guid === sent.guid),
      [],
    );
  });

  it("does not keep others from being served", async () => {
    assert.equal((await receiver.send()).status, 202);
  });
});

describe("a connection", () => {
  it("serves one delivery after the other, also after a refusal", async (t) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const ports = new Set<number | undefined>();
    const send = ({ path, headers, body }: ReturnType<typeof delivery>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = request(receiver.url, { agent, method: "POST", path, headers }, (response) => {
          ports.add(response.socket.localPort);
          response.resume().once("end", () => resolve(response.statusCode));
        });
        sent.once("error", reject).end(body);
      });
    assert.equal(await send(delivery()), 202);
    assert.equal(await send(delivery({ secret: "wrong" })), 403);
    assert.equal(await send(delivery({ body: "[]" })), 400);
    assert.equal(await send(delivery()), 202);
    assert.equal(ports.size, 1);
  });

  it("lets a refused sender read the answer, though it is still sending (story 8)", async () => {
    const body = pushOfSize(26 * 1024 ** 2);
    for (let i = 0; i < 5; i++) assertRefused(await receiver.send({ body }), 413, "body_too_large");
  });

  it("is not upgraded, and does not become a tunnel", async () => {
    const upgrade = { connection: "Upgrade", upgrade: "websocket" };
    const answer = await receiver.send({ method: "GET", path: "/github", headers: upgrade });
    assertRefused(answer, 405, "method_not_allowed");
    assert.equal(
      await talk(receiver.url, ["CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n"]),
      "",
    );
  });
});

describe("closing", { timeout: 30_000 }, () => {
  it("answers what is under way, stores it, and takes nothing new", async (t) => {
    const closing = await startReceiver(t);
    const sent = delivery({ headers: { expect: "100-continue" } });
    const upload = startUpload(closing.url, headOf(sent));
    await until("the request is under way", () => upload.received() !== "");
    upload.write(sent.body.subarray(0, -1));
    const closed = closing.close();
    await until("nothing new is taken", async () => {
      const refused = await closing.send().catch((error: NodeJS.ErrnoException) => error.code);
      return refused === "ECONNREFUSED";
    });
    upload.write(sent.body.subarray(-1));
    assert.match(await upload.answer, /^HTTP\/1\.1 100 .*\r\nHTTP\/1\.1 202 /s);
    await closed;
    assert.ok((await storedDeliveries(closing)).some(({ guid }) => guid === sent.guid));
  });

  it("does not wait for half a request, nor for a connection that says nothing", async (t) => {
    const uploads: Upload[] = [];
    t.after(() => {
      for (const { abort } of uploads) abort();
    });
    const closing = await startReceiver(t);
    for (const text of ["", "POST /github HTTP/1.1\r\nHost: x\r\n"])
      uploads.push(startUpload(closing.url, text));
    assert.equal((await closing.send()).status, 202);
    await closing.close();
    for (const { answer } of uploads) assert.equal(await answer, "");
  });
});
