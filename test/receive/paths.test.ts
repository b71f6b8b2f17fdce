import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { assertRefused, storedDeliveries } from "../support/contract.ts";
import { delivery } from "../support/github.ts";
import { fetchRaw, talk } from "../support/http.ts";
import { startReceiver } from "../support/receiver.ts";

const receiver = await startReceiver({ after }, { sources: [{ name: "deep", path: "/hooks/deep" }] });
const guarded = await startReceiver({ after }, { source: { allowFrom: ["github"] } });

const SAME = ["/github", "/github/", "/github?", "/github?a=/b", "/github/?a=b", "/github?next=/github//"];
const OTHERS = [
  "/",
  "//",
  "//github",
  "/github//",
  "/GITHUB",
  "/GitHub",
  "/%67ithub",
  "/github%2F",
  "/github%20",
  "/github%00",
  "/%2e/github",
  "/./github",
  "/../github",
  "/hooks/../github",
  "/github/.",
  "/github/..;/github",
  "/github;a=b",
  "/github/push",
  "/githubs",
  "/githu",
  "/github\\",
  "/hooks",
  "/?/github",
  "*",
  "/.env",
  "/admin",
  "/api/deliveries",
  "/metrics",
];

describe("a source's path", () => {
  for (const path of SAME) {
    it(`is ${path} as well`, async () => {
      assert.equal((await receiver.send({ path })).status, 202);
    });

    it(`is guarded by the same checks as ${path} (story 19)`, async () => {
      assertRefused(await guarded.send({ path }), 403, "address_not_allowed");
    });
  }

  for (const path of OTHERS) {
    it(`is not ${path}, which is neither redirected nor taken in (stories 4, 19, 20)`, async () => {
      const answer = await fetchRaw(receiver.url, delivery({ path }));
      assertRefused(answer, 404, "not_found");
      assert.equal(answer.headers.location, undefined);
      assert.equal((await fetchRaw(guarded.url, delivery({ path }))).status, 404);
    });
  }

  it("is not a whole URL", async () => {
    assertRefused(await receiver.send({ path: "http://localhost/github" }), 404, "not_found");
  });

  it("is not a path with a fragment, which no client may send", async () => {
    const { headers = {} } = delivery();
    const lines = Object.entries({ ...headers, host: "localhost", connection: "close" });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const text = await talk(receiver.url, [`POST /github#a HTTP/1.1\r\n${head}\r\n`]);
    assert.match(text, /^HTTP\/1\.1 40[04] /);
  });

  it("may have several parts", async () => {
    const sent = delivery({ path: "/hooks/deep/?a=b" });
    assert.equal((await receiver.send(sent)).status, 202);
    const stored = (await storedDeliveries(receiver)).find(({ guid }) => guid === sent.guid);
    assert.equal(stored?.source, "deep");
  });
});

describe("another method than POST", () => {
  for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]) {
    it(`is answered with 405 and the one that is allowed: ${method}`, async () => {
      const { headers, body, path } = delivery();
      const length = { "content-length": body.length };
      const answer = await receiver.send({ method, path, headers: { ...headers, ...length }, body });
      assertRefused(answer, 405, "method_not_allowed");
      assert.equal(answer.headers.allow, "POST");
    });
  }

  it("is answered without a body where it is HEAD", async () => {
    const { status, headers, text } = await receiver.send({ method: "HEAD", path: "/github" });
    assert.deepEqual({ status, allow: headers.allow, text }, { status: 405, allow: "POST", text: "" });
  });

  it("is not found where there is no source", async () => {
    assertRefused(await receiver.send({ method: "GET", path: "/" }), 404, "not_found");
  });
});

describe("the health check", () => {
  for (const path of ["/healthz", "/healthz?from=probe"]) {
    it(`answers ${path}`, async () => {
      const { status, text } = await receiver.send({ method: "GET", path });
      assert.deepEqual({ status, text }, { status: 200, text: "ok\n" });
      assert.equal((await receiver.send({ method: "HEAD", path })).status, 200);
    });
  }

  it("takes no delivery (story 4)", async () => {
    const answer = await receiver.send({ path: "/healthz" });
    assertRefused(answer, 405, "method_not_allowed");
    assert.equal(answer.headers.allow, "GET");
  });
});

describe("a request that is none of GitHub's", () => {
  it("is refused at a source's path, whatever its body says (story 4)", async () => {
    const body = '{"ref":"refs/heads/main"}';
    for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"]) {
      const headers = { "content-type": type, "x-gitlab-event": "Push Hook", "x-event-key": "repo:push" };
      const answer = await receiver.send({ method: "POST", path: "/github", headers, body });
      assertRefused(answer, 400, "header_invalid");
    }
  });
});
