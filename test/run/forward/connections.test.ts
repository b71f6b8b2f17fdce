import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { after, describe, it, type TestContext } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { Forward } from "../../../src/match/hook.ts";
import { forwardTo, ONCE, startRawService, startService } from "../../support/far-side.ts";
import { pushPayload } from "../../support/github.ts";
import { until } from "../../support/until.ts";
import { startWorker, type TestWorker, type WorkerOptions } from "../../support/worker.ts";

/** A server that takes connections, and whatever comes over them. */
async function startSocketServer(t: TestContext, take: (socket: Socket) => void = () => {}) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    take(socket);
  });
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, sockets };
}

const usual = await startWorker({ after }, { concurrency: 32 });

async function runWith(t: TestContext, work: Forward, options?: WorkerOptions) {
  const worker = options ? await startWorker(t, options) : usual;
  const hook = worker.hook("", { ...ONCE, work });
  return { worker, run: await worker.ended(await worker.start(hook)) };
}

const LINK_LOCAL =
  "169.254.169.254 is a link-local address: nothing is forwarded to one, whatever the settings say";

describe("a forward to an address that is denied", { concurrency: true }, () => {
  for (const host of [
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "2852039166",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "169.254.43518",
  ]) {
    it(`fails at once and names it: ${host} (story 43)`, async () => {
      const retry = { maxAttempts: 3, backoffMs: 0, maxBackoffMs: 0 };
      const hook = usual.hook("", { ...ONCE, work: forwardTo(`http://${host}/latest/meta-data`), retry });
      const { status, reason, attempt } = await usual.ended(await usual.start(hook));
      assert.deepEqual([status, reason, attempt], ["failed", LINK_LOCAL, 1]);
    });
  }

  it("fails when a name leads there", async (t) => {
    const resolve = async () => [{ address: "::ffff:169.254.169.254", family: 6 }];
    const { run } = await runWith(t, forwardTo("http://ci.example/x"), { forwarding: { resolve } });
    assert.equal(run.reason, `ci.example: ${LINK_LOCAL}`);
  });

  it("takes another address of the name, if there is one", async (t) => {
    const service = await startService(t);
    const resolve = async () => [
      { address: "169.254.169.254", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ];
    const url = `http://ci.example:${service.port}/x`;
    const { run } = await runWith(t, forwardTo(url), { forwarding: { resolve } });
    assert.equal(run.status, "succeeded");
    assert.equal(service.requests[0]?.headers.host, `ci.example:${service.port}`);
  });

  it("connects to the address that was checked: a name that answers otherwise next time does not matter (story 43)", async (t) => {
    const service = await startService(t);
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return [{ address: asked.length === 1 ? "127.0.0.1" : "169.254.169.254", family: 4 }];
    };
    const url = `http://rebinding.example:${service.port}/`;
    const { run } = await runWith(t, forwardTo(url), { forwarding: { resolve } });
    assert.equal(run.status, "succeeded");
    assert.deepEqual(asked, ["rebinding.example"]);
  });

  it("fails for this machine and private networks when the settings say so, by address and by name", async (t) => {
    const service = await startService(t);
    const denied = "and the settings say `forward.allow-private: false`";
    for (const [host, reason] of [
      ["127.0.0.1", `127.0.0.1 is a loopback address, ${denied}`],
      ["localhost", `localhost: 127.0.0.1 is a loopback address, ${denied}`],
      ["10.1.2.3", `10.1.2.3 is a private address, ${denied}`],
      ["[fd12::1]", `fd12::1 is a private address, ${denied}`],
    ] as const) {
      const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
      const url = `http://${host}:${service.port}/`;
      const { run } = await runWith(t, forwardTo(url), { forwarding: { resolve, allowPrivate: false } });
      assert.equal(run.reason, reason);
    }
    assert.deepEqual(service.requests, []);
  });
});

describe("a forward without an answer", { concurrency: true }, () => {
  it("fails when nobody listens, and is worth another attempt", async (t) => {
    const { port, sockets } = await startSocketServer(t, (socket) => socket.destroy());
    const retry = { maxAttempts: 2, backoffMs: 0, maxBackoffMs: 0 };
    const hook = usual.hook("", { ...ONCE, work: forwardTo(`http://127.0.0.1:${port}/x?key=abc`), retry });
    const run = await usual.start(hook);
    const { reason, attempt } = await usual.ended(run);
    assert.equal(attempt, 2);
    assert.match(reason ?? "", /^the connection was lost: /);
    assert.match(
      await usual.output(run),
      new RegExp(
        `^POST http://127.0.0.1:${port}/x\\?… → no answer after [0-9.]+ m?s: the connection was lost`,
      ),
    );
    assert.equal(sockets.length, 2);
    const refused = await runWith(t, forwardTo("http://127.0.0.1:9/"));
    assert.equal(refused.run.reason, "no connection to 127.0.0.1:9: connect ECONNREFUSED 127.0.0.1:9");
  });

  it("fails when a name cannot be resolved", async (t) => {
    const resolve = async () => Promise.reject(new Error("getaddrinfo ENOTFOUND nowhere.example"));
    const { run } = await runWith(t, forwardTo("https://nowhere.example/"), { forwarding: { resolve } });
    assert.equal(run.reason, "no connection to nowhere.example: getaddrinfo ENOTFOUND nowhere.example");
  });

  it("fails when the connection is not there in time", async (t) => {
    // TLS that never answers, so that no route has to be missing.
    const { port } = await startSocketServer(t);
    const { run } = await runWith(t, forwardTo(`https://127.0.0.1:${port}/`), {
      forwarding: { connectTimeoutMs: 100 },
    });
    assert.equal(run.reason, `no connection to 127.0.0.1:${port}: not within 100 ms`);
  });

  it("fails when there is no answer in time", async (t) => {
    const service = await startService(t, () => {});
    const { run } = await runWith(t, forwardTo(service.url, { answerTimeoutMs: 100 }));
    assert.equal(run.reason, "no answer within 100 ms");
  });

  it("fails when an answer comes drop by drop, and has no head in time", async (t) => {
    const { port } = await startSocketServer(t, (socket) => {
      const drip = setInterval(() => socket.write("HTTP/1.1 200 OK\r\nX-A: 1\r\n".charAt(0)), 20);
      socket.on("close", () => clearInterval(drip));
      socket.write("HTTP/1.1 200 OK\r\nX-Drip: ");
    });
    const { run } = await runWith(t, forwardTo(`http://127.0.0.1:${port}/`, { answerTimeoutMs: 300 }));
    assert.equal(run.reason, "no answer within 300 ms");
  });

  it("fails when the other side stops taking what is sent", async (t) => {
    const { port } = await startSocketServer(t, (socket) => socket.pause());
    const hook = usual.hook("", {
      ...ONCE,
      work: forwardTo(`http://127.0.0.1:${port}/`, { answerTimeoutMs: 200 }),
    });
    const payload = pushPayload({ padding: "x".repeat(20 * 1024 ** 2) });
    const { reason } = await usual.ended(await usual.start(hook, { payload }));
    assert.equal(reason, "nothing moved for 200 ms");
  });

  it("fails when the hook's time is over, whatever the other side does", async (t) => {
    const service = await startService(t, () => {});
    const { run } = await runWith(t, forwardTo(service.url, { timeoutMs: 100 }));
    assert.equal(run.reason, "timed out after 100 ms");
  });

  it("fails when what comes is no HTTP", async (t) => {
    const { port } = await startSocketServer(t, (socket) => socket.end("220 mail.example ESMTP\r\n"));
    const { run } = await runWith(t, forwardTo(`http://127.0.0.1:${port}/`));
    assert.match(run.reason ?? "", /^the connection was lost: Parse Error/);
  });
});

describe("a forward that is stopped", { concurrency: true }, () => {
  async function underWay(
    t: TestContext,
  ): Promise<{ worker: TestWorker; run: number; closed: () => boolean }> {
    let closed = false;
    let begun = false;
    const service = await startRawService(t, (request, response) => {
      begun = true;
      request.resume();
      response.on("close", () => {
        closed = true;
      });
    });
    const worker = await startWorker(t);
    const run = await worker.start(worker.hook("", { ...ONCE, work: forwardTo(service.url) }));
    await until("the other side is asked", () => begun);
    return { worker, run, closed: () => closed };
  }

  it("is cut off when somebody cancels the run", async (t) => {
    const { worker, run, closed } = await underWay(t);
    await worker.store.db.updateTable("runs").set({ cancel_reason: "enough" }).execute();
    const { status, reason } = await worker.ended(run);
    assert.deepEqual([status, reason], ["cancelled", "enough"]);
    await until("the connection is cut", closed);
  });

  it("is cut off and handed back when the server stops", async (t) => {
    const { worker, run, closed } = await underWay(t);
    await worker.worker.stop(0);
    assert.equal((await worker.find(run)).status, "queued");
    await until("the connection is cut", closed);
  });
});

describe("a forward over TLS", () => {
  const tls = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), "utf8");

  async function startSecureService(t: TestContext) {
    const server = createSecureServer(
      { key: tls("localhost.key"), cert: tls("localhost.crt") },
      (request, response) => {
        request.resume().on("end", () => response.end("secured"));
      },
    );
    t.after(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  it("fails when the certificate is nobody's who is trusted", async (t) => {
    const port = await startSecureService(t);
    const { run } = await runWith(t, forwardTo(`https://localhost:${port}/`));
    assert.match(run.reason ?? "", /^no connection to localhost:\d+: self-signed certificate/);
  });

  it("arrives when it is trusted, by name and by address, and fails for another name", async (t) => {
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, tls("localhost.crt")]);
    t.after(() => setDefaultCACertificates(before));
    const port = await startSecureService(t);
    for (const host of ["localhost", "127.0.0.1"]) {
      const { run } = await runWith(t, forwardTo(`https://${host}:${port}/`));
      assert.deepEqual([run.status, run.reason], ["succeeded", null]);
    }
    const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
    const { run } = await runWith(t, forwardTo(`https://other.example:${port}/`), {
      forwarding: { resolve },
    });
    assert.match(run.reason ?? "", /Hostname\/IP does not match certificate's altnames/);
  });
});
