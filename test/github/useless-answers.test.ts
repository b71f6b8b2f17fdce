import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { describe, it } from "node:test";
import snapshot from "../../src/github/addresses.json" with { type: "json" };
import { meta, NEW_RANGES, startMeta } from "../support/meta.ts";

describe("an answer that is of no use", () => {
  const huge = (response: Parameters<RequestListener>[1]) => {
    const megabyte = Buffer.alloc(1024 ** 2, " ");
    const more = () => {
      while (!response.destroyed && response.write(megabyte));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  };
  const answers: [what: string, listener: RequestListener, reason: RegExp][] = [
    ["not JSON", meta("<html>Sign in to the hotel's network</html>"), /JSON/],
    ["empty", meta(""), /JSON/],
    ["cut off", meta('{"hooks":["203.0.113.0/24"'), /JSON/],
    ["null", meta("null"), /no `hooks`/],
    ["a list", meta([]), /no `hooks`/],
    ["that of Enterprise Server", meta({ installed_version: "3.19.0" }), /no `hooks`/],
    ["without ranges", meta({ hooks: [] }), /no `hooks`/],
    ["with hooks that are no list", meta({ hooks: "203.0.113.0/24" }), /no `hooks`/],
    [
      "with one bad range among good ones",
      meta({ hooks: [...NEW_RANGES, "203.0.113.0/33"] }),
      /"203.0.113.0\/33" is no address or range/,
    ],
    [
      "with a name among the ranges",
      meta({ hooks: [...NEW_RANGES, "github.com"] }),
      /"github.com" is no address or range/,
    ],
    ["with null among the ranges", meta({ hooks: [...NEW_RANGES, null] }), /"null" is no address or range/],
    [
      "a refusal",
      (_, response) => response.writeHead(403).end(JSON.stringify({ hooks: NEW_RANGES })),
      /the answer was 403/,
    ],
    ["a failure", (_, response) => response.writeHead(502).end(), /the answer was 502/],
    ["a broken connection", (request) => request.socket.destroy(), /socket|closed|ECONNRESET/],
    [
      "huge, and says so",
      (_, response) => huge(response.writeHead(200, { "content-length": 1e9 })),
      /too large/,
    ],
    ["huge, and does not say so", (_, response) => huge(response.writeHead(200)), /too large/],
  ];
  for (const [what, listener, reason] of answers) {
    it(`leaves the list and its copy as they were: ${what} (story 18)`, { timeout: 20_000 }, async (t) => {
      const { list, answer, log, file } = await startMeta(t);
      const addresses = list();
      await addresses.refresh();
      const before = {
        ranges: addresses.ranges,
        checkedAt: addresses.checkedAt,
        copy: readFileSync(file, "utf8"),
      };
      answer(listener);
      await addresses.refresh();
      assert.deepEqual(
        { ranges: addresses.ranges, checkedAt: addresses.checkedAt, copy: readFileSync(file, "utf8") },
        before,
      );
      assert.equal(log.length, 2);
      assert.match(
        log[1] ?? "",
        /^warn: GitHub's addresses could not be read from http.*; the list of .* is used/,
      );
      assert.match(log[1] ?? "", reason);
    });
  }

  it("leaves the snapshot as it is when there is no good copy yet (story 18)", async (t) => {
    const { list, answer, file } = await startMeta(t);
    answer(meta({ hooks: [] }));
    const addresses = list();
    await addresses.refresh();
    assert.deepEqual(addresses.ranges, snapshot.hooks);
    assert.equal(existsSync(file), false);
  });
});
